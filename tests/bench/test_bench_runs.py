"""The bench as anyone runs it, only shorter; and what its load client calls an answer."""

import json
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.goals import GOALS
from bench.measures.result import Result, Row
from bench.page import write_page
from bench.report import Report
from bench.rig.load import Load, put_under_load
from bench.rig.wire import poe_question
from utils.settings import ROOT

pytestmark = pytest.mark.skipif(
    not (shutil.which("cc") and Path("/proc/self/stat").exists()), reason="the bench needs Linux and a C compiler"
)

SOME = ("first", "long", "single", "messages")
HEAD = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.timeout(240)  # it starts two servers and puts them under load; on a busy machine that takes its time
# One test: each worker of pytest-xdist would run the bench anew, at the same time and on the same cores.
def test_the_bench_compares_whole_answers_side_by_side(tmp_path):
    file = tmp_path / "report.json"
    only = [word for name in SOME for word in ("--only", name)]
    command = [sys.executable, "-m", "bench", "--quick", "--no-litellm", "--json", str(file), *only]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=230)

    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(file.read_text())
    assert report["errors"] == report["unrecorded"] == 0
    assert report["machine"].keys() == {"processor", "system", "python", "pinned"}
    assert report["figures"].keys() == {"first_token", "long_answers", "single_tokens", "messages"}
    assert report["figures"].keys() <= GOALS.keys()
    assert {row["name"] for row in report["results"]["long"]["rows"]} == {"ours", "ours, flush_ms: 0", "B", "upstream"}
    assert all(goal.words in done.stdout for goal in GOALS.values())
    single = report["results"]["single"]["rows"][0]["columns"]
    assert single["events/token"] == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ("event: text ~a ~b ~c event: done", 0),
        ("event: text ~a ~b event: done", 1),
        ("event: text ~a ~b ~c ~d event: done", 1),
        ("event: text ~a ~b ~c", 1),
        ("event: text ~a ~b ~c event: error event: done", 1),
    ],
)
@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_only_a_whole_answer_counts(body, errors, piece):
    response = f"{HEAD}{len(body):x}\r\n{body}\r\n0\r\n\r\n".encode()

    with answering(response, piece) as (port, requests):
        tally = put_under_load(port, poe_question("/Bench", "Hi", "key"), Load(1, tokens=3, seconds=5, most=2))

    assert (tally.asked, tally.whole, tally.errors) == (2, 2 - 2 * errors, 2 * errors)
    assert len(set(requests)) == 2
    assert all(b"@@" not in request for request in requests)


def test_a_refusal_is_an_error():
    with answering(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n", 1000) as (port, _):
        tally = put_under_load(port, poe_question("/Bench", "Hi", "key"), Load(1, tokens=3, seconds=5, most=2))

    assert (tally.whole, tally.errors) == (0, 2)


def test_the_figures_are_held_against_the_goals_on_the_page(tmp_path):
    page = tmp_path / "performance.md"
    begin, end = "<!-- figures: written by python -m bench --docs -->", "<!-- end of figures -->"
    page.write_text(f"Before.\n\n{begin}\nOld.\n{end}\n\nAfter.\n")
    figures = {"first_token": 0.2, "memory": 70.0}
    result = Result("Title", [Row("ours", {"share": 0.2})], figures)
    machine = {"processor": "P", "system": "S", "python": "3", "pinned": "no"}

    write_page(Report(machine, {"first": result}, seconds=60, errors=0, unrecorded=0, is_quick=True), page)

    written = page.read_text()
    assert written.startswith("Before.")
    assert written.endswith("After.\n")
    assert "Old." not in written
    assert "| added time to first token p50, share of B's | 0.20 | ≤ 0.35 | ≤ 0.12 | yes |" in written
    assert "rough" in written
    assert "| memory per open stream | 70 KiB | ≤ 65 KiB | ≤ 45 KiB | NO |" in written


@contextmanager
def answering(response: bytes, piece: int) -> Iterator[tuple[int, list[bytes]]]:
    """A server that sends this to every request, in pieces of so many bytes."""
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_answer, args=(listener, response, piece, requests), daemon=True)
        thread.start()
        yield listener.getsockname()[1], requests
    thread.join(5)


def _answer(listener: socket.socket, response: bytes, piece: int, requests: list[bytes]) -> None:
    while len(requests) < 2:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection:
            while request := connection.recv(65536):
                requests.append(request)
                for at in range(0, len(response), piece):
                    connection.sendall(response[at : at + piece])
