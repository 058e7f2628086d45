import re

from bench.routes import main


def test_a_route_is_compared_with_its_provider_alone(capsys):
    assert main(rounds=1, answers=2) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["1", "300"]
    assert all(float(re.findall(r"ratio ([0-9.]+)", line)[0]) > 0 for line in lines)
