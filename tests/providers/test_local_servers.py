import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from utils.providers import ProviderPool
from utils.providers.local_servers import LocalServers
from utils.registry import ProviderConfig, ProviderRegistry


class Clock:
    """Seconds that go by when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def listening(family: socket.AddressFamily = socket.AF_INET, port: int = 0) -> Iterator[int]:
    """A port of this machine on which somebody listens."""
    host = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    with socket.create_server((host, port), family=family) as listener:
        yield listener.getsockname()[1]


def free_port() -> int:
    with listening() as port:
        return port


def entry(address: str, name: str = "mine", **fields: object) -> ProviderConfig:
    return ProviderConfig.model_validate({"name": name, "api_base": address, **fields})


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "models.localhost"])
def test_a_server_that_listens_is_ready(host):
    with listening() as port:
        assert LocalServers().why_not_ready(entry(f"http://{host}:{port}/v1")) is None


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
@pytest.mark.parametrize("host", ["[::1]", "localhost"])
def test_one_that_listens_on_ipv6_only_is_ready(host):
    try:
        with listening(socket.AF_INET6) as port:
            assert LocalServers().why_not_ready(entry(f"http://{host}:{port}/v1")) is None
    except OSError:
        pytest.skip("this machine has no ::1")


@pytest.mark.parametrize(
    ("name", "fields", "sentence"),
    [
        ("ollama", {}, "Ollama is not running at {address}"),
        ("my-own", {"profile": "ollama"}, "Ollama is not running at {address}"),
        ("vllm", {}, "vLLM is not running at {address}"),
        ("lmstudio", {}, "LM Studio is not running at {address}"),
        ("llamacpp", {}, "llama.cpp is not running at {address}"),
        ("mine", {}, "nothing listens at {address}"),
    ],
)
def test_one_that_does_not_is_named(name, fields, sentence):
    address = f"http://localhost:{free_port()}"

    said = LocalServers().why_not_ready(entry(f"{address}/v1", name, **fields))

    assert said == sentence.format(address=address)


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("http://127.0.0.1:9/v1", {"api_key_env": "MINE_API_KEY"}),
        ("http://nobody.invalid/v1", {}),
        ("http://192.0.2.1:11434/v1", {}),
        ("https://api.example.com/v1", {}),
        ("http://localhost.example.com:9/v1", {}),
        ("", {"kind": "demo"}),
    ],
)
def test_what_is_elsewhere_or_has_a_key_is_not_looked_at(monkeypatch, address, fields):
    looked = []
    monkeypatch.setattr(socket, "socket", lambda *arguments: looked.append(arguments))

    assert LocalServers().why_not_ready(entry(address, **fields)) is None
    assert looked == []


def test_what_was_seen_is_kept_for_some_seconds_and_then_looked_at_again():
    clock = Clock()
    servers = LocalServers(clock)

    with listening() as port:
        running = entry(f"http://127.0.0.1:{port}/v1")
        first = servers.why_not_ready(running)
    kept = servers.why_not_ready(running)
    clock.now += 3
    gone = servers.why_not_ready(running)
    with listening(port=port):
        still_gone = servers.why_not_ready(running)
        clock.now += 3
        back = servers.why_not_ready(running)

    assert (first, kept, back) == (None, None, None)
    assert gone == still_gone == f"nothing listens at http://127.0.0.1:{port}"


def test_one_that_keeps_silent_is_not_waited_for():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        port = busy.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))

        began = time.monotonic()
        said = LocalServers().why_not_ready(entry(f"http://127.0.0.1:{port}/v1"))
        took = time.monotonic() - began
        for each in waiting:
            each.close()

    assert said == f"nothing listens at http://127.0.0.1:{port}"
    assert took < 5  # the system would try for minutes


def test_warming_up_leaves_a_server_that_does_not_run_alone(monkeypatch):
    made = []
    monkeypatch.setattr(
        "utils.providers.openai_provider.OpenAIProvider", lambda config, parts: made.append(config.name)
    )

    with listening() as port:
        pool = ProviderPool(
            ProviderRegistry(
                [entry(f"http://127.0.0.1:{port}", "runs"), entry(f"http://127.0.0.1:{free_port()}", "rests")]
            )
        )
        for name in pool.registry:
            pool.get(name)
        pool.warm_up()

    assert made == ["runs"]
