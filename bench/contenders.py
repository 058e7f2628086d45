"""The servers that are compared, and the upstreams that they ask: which program each is, and how it is asked."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .machine import Child, Cores, free_port, running
from .rig.wire import Question, openai_question, poe_question

_ACCESS_KEY = "0123456789abcdef0123456789abcdef"
_QUIET = {"POE_ACCESS_KEY": _ACCESS_KEY, "LOG_LEVEL": "warning", "DEBUG": "false"}


@contextmanager
def _ours(cores: Cores, upstream: Child) -> Iterator[Child]:
    """The real `run_local.py` with everything on; one bot of kind openai asks the upstream."""
    port = free_port()
    with TemporaryDirectory() as folder:
        provider = {"name": "upstream", "api_base": _api_base(upstream), "default_model": "demo"}
        files = {
            "--provider-config": _written(folder, "providers", provider),
            "--bot-config": _written(folder, "bots", {"bot_name": "Bench", "provider": "upstream"}),
        }
        command = ["run_local.py", "--port", str(port), *(word for option in files.items() for word in option)]
        with running(command, port, cores, "under test", _QUIET) as child:
            yield child


@contextmanager
def _conventional(cores: Cores, upstream: Child) -> Iterator[Child]:
    port = free_port()
    options = {"--port": str(port), "--api-base": _api_base(upstream), "--access-key": _ACCESS_KEY}
    command = ["-m", "bench.conventional", *(word for option in options.items() for word in option)]
    with running(command, port, cores, "under test") as child:
        yield child


@contextmanager
def _imports_only(cores: Cores, upstream: Child) -> Iterator[Child]:
    port = free_port()
    with running(["-m", "bench.rig.imports_only", str(port)], port, cores, "under test") as child:
        yield child


@contextmanager
def _upstream_itself(cores: Cores, upstream: Child) -> Iterator[Child]:
    yield upstream


@dataclass(frozen=True)
class Contender:
    """One of those that are compared."""

    name: str
    serving: Callable[[Cores, Child], AbstractContextManager[Child]]
    """Runs it in front of an upstream."""
    question: Callable[[str], Question]
    """The request that puts this message to it."""


OURS = Contender("ours", _ours, lambda message: poe_question("/Bench", message, _ACCESS_KEY))
CONVENTIONAL = Contender("conventional", _conventional, lambda message: poe_question("/", message, _ACCESS_KEY))
UPSTREAM = Contender("upstream", _upstream_itself, openai_question)
IMPORTS = Contender("imports only", _imports_only, openai_question)


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


def _written(folder: str, kind: str, entry: dict[str, str]) -> str:
    """A configuration file of one entry. JSON is YAML too."""
    file = Path(folder) / f"{kind}.yaml"
    file.write_text(json.dumps({kind: [entry]}))
    return str(file)
