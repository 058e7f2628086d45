"""The demo as a process of its own."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

COMMAND = (sys.executable, "-m", "utils.providers.demo")


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_it_serves_at_the_address_that_it_prints():
    with subprocess.Popen((*COMMAND, "--port", "0", "--tokens", "3"), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            address = next(word for word in process.stdout.readline().split() if word.startswith("http"))

            answer = httpx.post(f"{address}/chat/completions", json={"messages": [{"role": "user", "content": "Hi"}]})
        finally:
            process.terminate()

    assert answer.json()["choices"][0]["message"]["content"] == "tok0 tok1 tok2"


def test_a_taken_port_is_one_clear_line(taken_port):
    result = subprocess.run((*COMMAND, "--port", str(taken_port)), capture_output=True, text=True)

    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1
    assert f"127.0.0.1:{taken_port}" in result.stderr
    assert "--port" in result.stderr


@pytest.mark.parametrize("option", [("--port", "70000"), ("--token-ms", "-1"), ("--tokens", "many")])
def test_a_wrong_option_is_explained(option):
    result = subprocess.run((*COMMAND, *option), capture_output=True, text=True)

    assert result.returncode == 2
    assert option[0] in result.stderr


def test_the_provider_does_not_bring_a_web_server():
    code = "import sys, utils.providers.demo; sys.exit('starlette' in sys.modules or 'uvicorn' in sys.modules)"

    result = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True)

    assert result.returncode == 0, result.stderr
