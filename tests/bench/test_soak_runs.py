"""The soak as anyone runs it, only shorter; and what it calls an answer."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.rig.streams import ending_of
from utils.settings import ROOT

DONE: tuple[str, dict[str, str]] = ("done", {})


def response(*events) -> bytes:
    body = "".join(f"event: {name}\r\ndata: {json.dumps(data)}\r\n\r\n" for name, data in events).encode()
    return b"HTTP/1.1 200 OK\r\nx: y\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


def text(said, name="text"):
    return name, {"text": said}


@pytest.mark.parametrize(
    ("events", "ending"),
    [
        ([text("a "), text("b"), DONE], "whole"),
        ([text("x y z"), text("a b", "replace_response"), DONE], "whole"),
        ([text("a "), ("error", {"text": "no"}), DONE], "error"),
        ([text("a "), text("b")], "lost"),
        ([text("a "), DONE], "lost"),
        ([text("a b"), text("a b"), DONE], "doubled"),
        ([text("a b"), DONE, DONE], "doubled"),
        ([], "lost"),
    ],
)
def test_an_answer_is_judged_by_its_events(events, ending):
    assert ending_of(response(*events), "a b") == ending


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells of another process")
def test_a_short_soak_loses_no_answer(tmp_path):
    file = tmp_path / "soak.json"
    length = ["--streams", "50", "--minutes", "0.05", "--every", "1"]
    command = [sys.executable, "-m", "bench.soak", *length, "--json", str(file)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=55)

    assert done.returncode == 0, done.stdout + done.stderr
    soaked = json.loads(file.read_text())
    assert soaked["endings"]["whole"] > 50
    assert soaked["endings"]["lost"] == soaked["endings"]["doubled"] == soaked["endings"]["hung"] == 0
    assert soaked["samples"][-1]["attempts"] == soaked["samples"][-1]["records"] > 50
