"""The bench as anyone runs it, only shorter."""

import json
import subprocess
import sys

from utils.settings import ROOT

CONTENDERS = {
    "cold_start": {"ours", "conventional", "imports only"},
    "first_token": {"ours", "conventional", "upstream"},
    "load": {"ours", "conventional", "upstream"},
}


# One test: each worker of pytest-xdist would run the bench anew, at the same time and on the same cores.
def test_the_bench_compares_whole_answers_side_by_side(tmp_path):
    file = tmp_path / "report.json"
    command = [sys.executable, "-m", "bench", "--quick", "--rounds", "1", "--json", str(file)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=55)

    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(file.read_text())
    assert report["errors"] == 0
    assert report["machine"].keys() == {"processor", "system", "python", "pinned"}
    assert {measure: {row["name"] for row in report[measure]} for measure in CONTENDERS} == CONTENDERS
    assert all(row["tokens_per_second"]["median"] > 0 for row in report["load"])
    assert set(ratios_of("conventional", report)) == {1.0}


def ratios_of(name, report):
    rows = [row for measure in CONTENDERS for row in report[measure] if row["name"] == name]
    fields = [field for row in rows for field in row.items() if field[0].endswith("_ratio")]
    return [ratio for _, ratio in fields if ratio is not None]
