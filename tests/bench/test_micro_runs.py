from bench.micro import main


def test_every_step_takes_some_time(capsys):
    assert main(seconds=0.001) == 0

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 12
    assert all(float(line.split()[-2]) > 0 for line in lines[:-1])  # the last is a difference of two
