"""The servers that are compared, and the upstream that they ask: which program each is, and how it is asked."""

import importlib.util
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from .machine import Child, Cores, Place, free_port, running
from .rig.programs import program
from .rig.wire import Question, openai_question, poe_question

_ACCESS_KEY = "0123456789abcdef0123456789abcdef"
_PROXY_KEY = "sk-0123456789abcdef"

_BOTS: Sequence[Mapping[str, object]] = (
    {"bot_name": "Bench"},
    {"bot_name": "AtOnce", "flush_ms": 0},
    {"bot_name": "WordByWord", "flush_ms": 0, "bot_class": "bench.rig.word_by_word.WordByWord"},
    {"bot_name": "WithBudget", "budget": {"usd": 1_000_000, "per": "day"}},
)
_OF_ALL: Mapping[str, object] = {"provider": "upstream", "rate_limit": "1000000/minute", "fallbacks": ["other"]}
"""Nobody is refused here and nothing falls back, but every answer goes through both."""


@contextmanager
def our_server(
    cores: Cores, upstream: Child, *, options: Sequence[str] = (), place: Place = "under test"
) -> Iterator[Child]:
    """The real `run_local.py` with everything on; its bots ask the upstream."""
    port = free_port()
    with TemporaryDirectory() as name:
        folder = Path(name)
        price = {"input": 1, "output": 4}
        models = [{"name": "bench", "price": price}]
        providers = [
            {"name": name, "api_base": _api_base(upstream), "models": models} for name in ("upstream", "other")
        ]
        bots = [{**bot, **_OF_ALL} for bot in _BOTS]
        files = {"--provider-config": ("providers", providers), "--bot-config": ("bots", bots)}
        command = ["run_local.py", "--no-console", "--port", str(port), *options]
        for option, (kind, entries) in files.items():
            file = folder / f"{kind}.yaml"
            file.write_text(json.dumps({kind: entries}))  # JSON is YAML too
            command += [option, str(file)]
        environ = {
            "POE_ACCESS_KEY": _ACCESS_KEY,
            "DATABASE_URL": "",
            "LEDGER": "sqlite",
            "LEDGER_FILE": str(folder / "ledger.db"),
            "KEYS_FILE": str(folder / "keys.json"),
            "KEYS_MASTER_KEY_FILE": str(folder / "keys.master"),
            "CLIENTS_FILE": str(folder / "clients.json"),
            "LOG_LEVEL": "info",
            "DEBUG": "false",
        }
        with running(command, port, cores, place, environ, ledger=folder / "ledger.db") as child:
            yield child


@contextmanager
def _conventional(cores: Cores, upstream: Child) -> Iterator[Child]:
    port = free_port()
    options = {"--port": str(port), "--api-base": _api_base(upstream), "--access-key": _ACCESS_KEY}
    command = ["-m", "bench.conventional", *(word for option in options.items() for word in option)]
    with running(command, port, cores, "under test") as child:
        yield child


@contextmanager
def _litellm(python: str, cores: Cores, upstream: Child) -> Iterator[Child]:
    port = free_port()
    target = {"model": "openai/bench", "api_base": _api_base(upstream), "api_key": "unused"}
    config = {
        "model_list": [{"model_name": "bench", "litellm_params": target}],
        "litellm_settings": {"drop_params": True, "telemetry": False},
        "general_settings": {"master_key": _PROXY_KEY},
    }
    quiet = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "DATABASE_URL": None}
    with TemporaryDirectory() as folder:
        file = Path(folder) / "config.yaml"
        file.write_text(json.dumps(config))
        command = ["-c", "from litellm import run_server; run_server()", "--config", str(file), "--host", "127.0.0.1"]
        command += ["--port", str(port), "--num_workers", "1", "--telemetry", "False"]
        with running(command, port, cores, "under test", quiet, python=python) as child:
            yield child


@contextmanager
def _imports_only(cores: Cores, upstream: Child) -> Iterator[Child]:
    port = free_port()
    with running(["-m", "bench.rig.imports_only", str(port)], port, cores, "under test") as child:
        yield child


@contextmanager
def _upstream_itself(cores: Cores, upstream: Child) -> Iterator[Child]:
    yield upstream


Serving = Callable[[Cores, Child], AbstractContextManager[Child]]
"""Runs a server in front of an upstream."""


@dataclass(frozen=True)
class Contender:
    """One of those that are compared."""

    name: str
    serving: Serving
    """Contenders with the same server share its process."""
    question: Callable[[str, int], Question]
    """The request that puts a message to it, after so many others."""


def _asked_at(path: str) -> Callable[[str, int], Question]:
    return lambda message, history: poe_question(path, message, _ACCESS_KEY, history)


OURS = Contender("ours", our_server, _asked_at("/Bench"))
OURS_AT_ONCE = Contender("ours, flush_ms: 0", our_server, _asked_at("/AtOnce"))
OURS_WORD_BY_WORD = Contender("ours, word by word", our_server, _asked_at("/WordByWord"))
OURS_WITH_BUDGET = Contender("ours, with a budget", our_server, _asked_at("/WithBudget"))
CONVENTIONAL = Contender("B", _conventional, _asked_at("/"))
UPSTREAM = Contender("upstream", _upstream_itself, openai_question)
IMPORTS = Contender("imports only", _imports_only, openai_question)


def litellm(python: str | None) -> Contender | None:
    """The proxy of the `litellm` package, in this Python's packages or another's; None where there is none."""
    python = python or os.environ.get("LITELLM_PYTHON")
    if python is None and importlib.util.find_spec("litellm") is not None:
        python = sys.executable
    asked = partial(openai_question, access_key=_PROXY_KEY)
    return Contender("LiteLLM", partial(_litellm, python), asked) if python else None


@contextmanager
def mock_upstream(cores: Cores) -> Iterator[Child]:
    """The upstream in C. The question tells it how to answer; it counts how often it is asked."""
    port = free_port()
    with running([str(program("upstream")), str(port)], port, cores, "beside", python="") as child:
        yield child


@contextmanager
def demo(cores: Cores) -> Iterator[Child]:
    """The demo provider as an OpenAI-compatible upstream. The question tells it how to answer."""
    port = free_port()
    with running(["-m", "utils.providers.demo", "--port", str(port)], port, cores, "beside") as child:
        yield child


@contextmanager
def replaying(cores: Cores, response: bytes) -> Iterator[Child]:
    """An upstream that answers every question with these bytes, at once and in one piece."""
    port = free_port()
    with TemporaryDirectory() as folder:
        recording = Path(folder) / "response"
        recording.write_bytes(response)
        with running(["-m", "bench.rig.replay", str(port), str(recording)], port, cores, "beside") as child:
            yield child


def _api_base(upstream: Child) -> str:
    return f"http://127.0.0.1:{upstream.port}/v1"
