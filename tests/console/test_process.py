"""run_local.py starts the console beside the server, and both end together."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.cli.local import run_local
from tests.console.conftest import HOME
from utils.cli.console_process import environment_of_console


def line_with(server, words):
    """Reads on until it is printed."""
    while words not in (line := server.process.stdout.readline()):
        assert line, f"it ended without `{words}`"
    return line


def console_of(server):
    return line_with(server, "Console on").split()[2]


def is_up(address):
    try:
        return httpx.get(address).status_code == 200
    except httpx.HTTPError:
        return False


def until_gone(address):
    ends = time.monotonic() + 10
    while is_up(address):
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_both_are_there_and_ctrl_c_ends_both():
    with run_local("--console-port", "0") as server:
        address = console_of(server)
        assert urlsplit(address).hostname == "127.0.0.1"
        assert is_up(address)
        code, rest = server.stop()

    assert code == 0
    assert "Traceback" not in rest
    assert not is_up(address)


def test_the_console_ends_also_when_the_server_is_killed():
    with run_local("--console-port", "0") as server:
        address = console_of(server)
        server.process.kill()
        server.process.wait()
        until_gone(address)


def test_a_console_that_ends_is_not_started_again_and_the_server_goes_on():
    with run_local("--console-port", "0") as server:
        console_of(server)
        [child] = children_of(server.process.pid)
        os.kill(child, signal.SIGKILL)

        assert "the server goes on" in line_with(server, "The console has stopped")
        assert httpx.get(f"{server.address}/health").status_code == 200
        assert children_of(server.process.pid) == []


def test_it_lets_in_this_machine_alone_and_only_by_its_own_name():
    with run_local("--console-port", "0") as server:
        address = console_of(server)

        assert knock(address) == 101
        assert knock(address, host="evil.example") == 403
        assert knock(address, origin="http://evil.example") == 403
        assert not is_up(address.replace("127.0.0.1", "127.0.0.2"))


def test_streamlit_starts_it_alone_wherever_one_is(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(HOME), f"--server.port={port}", "--server.headless=true"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
    try:
        while not is_up(address):
            assert process.poll() is None
            time.sleep(0.1)

        assert knock(address) == 101
        assert knock(address, host="evil.example") == 403
        assert not is_up(address.replace("127.0.0.1", "127.0.0.2"))
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()


def knock(address, host=None, origin=None):
    """The status that somebody gets who wants to use the console under that name, from a page at that origin."""
    parts = urlsplit(address)
    host = host or parts.netloc
    lines = ["GET /_stcore/stream HTTP/1.1", f"Host: {host}", f"Origin: {origin or f'http://{host}'}"]
    lines += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
    lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""]
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as there:
        there.sendall("\r\n".join(lines).encode())
        return int(there.recv(100).split()[1])


def test_without_streamlit_one_line_says_how_to_get_it(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'streamlit' else find(name, *more)\n"
    )

    with run_local("--console-port", "0", PYTHONPATH=str(tmp_path)) as server:
        assert "pip install -r requirements-console.txt" in server.greeting
        assert httpx.get(f"{server.address}/health").status_code == 200


def test_the_admin_key_of_this_run_is_made_for_this_machine_only():
    with run_local("--console-port", "0") as server:
        assert "missing or wrong" in httpx.get(f"{server.address}/admin/targets").text
        server.stop()
    with run_local("--console-port", "0", "--host", "0.0.0.0") as server:
        assert "set ADMIN_KEY" in httpx.get(f"{server.address}/admin/targets").text


def test_the_console_gets_no_key_but_its_own(monkeypatch):
    for name in ("OPENAI_API_KEY", "KEYS_MASTER_KEY", "DATABASE_URL", "POE_ACCESS_KEY_GPTBOT"):
        monkeypatch.setenv(name, "a-secret")
    monkeypatch.setenv("CONSOLE_CLIENT_KEY", "pk-client")

    given = environment_of_console("http://127.0.0.1:8000", "the-admin-key")

    assert "a-secret" not in given.values()
    assert (given["ADMIN_KEY"], given["CONSOLE_CLIENT_KEY"]) == ("the-admin-key", "pk-client")
    assert given["CONSOLE_SERVER"] == "http://127.0.0.1:8000"


def children_of(pid):
    tasks = Path(f"/proc/{pid}/task")
    if not tasks.is_dir():
        pytest.skip("this machine does not tell of the children of a process")
    return [int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()]
