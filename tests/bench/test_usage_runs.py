from bench.usage import measured


async def test_a_ledger_of_many_attempts_is_summed_up_in_a_moment(tmp_path, capsys):
    slowest = await measured(tmp_path / "ledger.db", rows=20_000, days=40)

    lines = capsys.readouterr().out.splitlines()
    assert slowest > 0
    assert lines[0].startswith("20,000 attempts")
    assert {line.split()[-1] for line in lines[1:8]} == {"20,000"}
