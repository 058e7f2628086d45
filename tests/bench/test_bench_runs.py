"""The bench as anyone runs it, only shorter."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from utils.settings import ROOT


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Any:
    file: Path = tmp_path_factory.mktemp("bench") / "report.json"
    command = [sys.executable, "-m", "bench", "--quick", "--rounds", "1", "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=55)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(file.read_text())


def test_every_answer_was_whole(report):
    assert report["errors"] == 0
    assert all(row["tokens_per_second"]["median"] > 0 for row in report["load"])


def test_each_measure_compares_the_contenders_side_by_side(report):
    compared = {measure: {row["name"] for row in report[measure]} for measure in ("cold_start", "first_token", "load")}

    assert compared == {
        "cold_start": {"ours", "conventional", "imports only"},
        "first_token": {"ours", "conventional", "upstream"},
        "load": {"ours", "conventional", "upstream"},
    }


def test_the_conventional_bot_is_the_yardstick(report):
    rows = [row for measure in ("cold_start", "first_token", "load") for row in report[measure]]

    ratios = [
        value
        for row in rows
        if row["name"] == "conventional"
        for field, value in row.items()
        if field.endswith("_ratio") and value is not None
    ]

    assert ratios
    assert set(ratios) == {1.0}


def test_it_says_on_which_machine_and_whether_pinned(report):
    assert report["machine"].keys() == {"processor", "system", "python", "pinned"}
