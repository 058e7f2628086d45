"""`python -m bench.soak`: hundreds of answers at once, for as long as you like, while a provider fails a third of them.

No answer may be lost, doubled or hung, every attempt has to be written down once, and memory and sockets may not grow.
"""

import argparse
import asyncio
import contextlib
import json
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from .contenders import demo, replaying
from .machine import Child, Cores, DidNotStart, allow_many_sockets, free_port, running
from .rig.client import Client
from .rig.streams import Crowd
from .rig.wire import openai_question, poe_question

_ACCESS_KEY = "0123456789abcdef0123456789abcdef"
_TOKENS = 30
_ASK = f"/tokens {_TOKENS} /slow 30"
_TEXT = " ".join(f"tok{number}" for number in range(_TOKENS))
_TROUBLES = (
    *("/break 5", "/nodone 5", "/error-inside 5", "/half-line 9", "/half-character 9", "/reset-after 2000"),
    *(
        "/stall-after 2000",
        "/fail 503",
        "/fail 500",
        "/busy nothing",
        "/html",
        "/empty",
        "/slam",
        "/hang",
        "/no-headers",
    ),
)
_TARGETS: dict[str, object] = {
    "targets": ["chaotic:demo", "steady:demo"],
    "first_content_timeout": 5,
    "idle_timeout": 5,
}
_BOTS: tuple[dict[str, object], ...] = (
    {"strategy": "priority", "on_break": "replace"},
    {"strategy": "least_busy", "on_break": "replace", "hedge_after_ms": 300},
    {"strategy": "round_robin", "on_break": "error"},
)
_LONGEST_ANSWER_SECONDS = 60.0
_QUIET = {"POE_ACCESS_KEY": _ACCESS_KEY, "LOG_LEVEL": "error", "DEBUG": "false"}
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Sample:
    """The server at one moment."""

    seconds: float
    asking: int
    answered: int
    mebibytes: float
    sockets: int
    attempts: int
    records: int
    in_flight: int


@dataclass(frozen=True)
class Soaked:
    """What came of it."""

    endings: dict[str, int]
    samples: list[Sample]

    @property
    def faults(self) -> list[str]:
        """What should not be."""
        last = self.samples[-1]
        found = [f"{self.endings[name]} answers {name}" for name in ("lost", "doubled", "hung") if self.endings[name]]
        if last.in_flight:
            found.append(f"{last.in_flight} attempts still under way in the end")
        if last.attempts != last.records:
            found.append(f"{last.attempts} attempts, but {last.records} records")
        if not self.endings["whole"]:
            found.append("no whole answer at all")
        return found


def main() -> int:
    """Soak, print, and fail when something should not be."""
    options = _options()
    allow_many_sockets()
    try:
        soaked = soak(options.streams, options.minutes * 60, every=options.every)
    except DidNotStart as exc:
        print(f"soak: this did not start: {exc}", file=sys.stderr)
        return 1
    print("  ".join(f"{name} {count}" for name, count in soaked.endings.items()))
    for fault in soaked.faults:
        print(f"soak: {fault}", file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps(asdict(soaked)))
    return 1 if soaked.faults else 0


def soak(streams: int, seconds: float, *, every: float) -> Soaked:
    """So many answers at once for so long, with a sample of the server from time to time."""
    cores = Cores.of_this_machine()
    with contextlib.ExitStack() as stack:
        chaotic = stack.enter_context(demo(cores))
        with Client(chaotic.port) as client:
            recorded = client.ask(openai_question(f"/tokens {_TOKENS}")).response
        steady = stack.enter_context(replaying(cores, recorded))
        server = stack.enter_context(_server(cores, chaotic, steady))
        return asyncio.run(_soaked(server, streams, seconds, every))


async def _soaked(server: Child, streams: int, seconds: float, every: float) -> Soaked:
    asks = [_ASK] * 2 * len(_TROUBLES) + [f"{trouble} {_ASK}" for trouble in _TROUBLES]
    questions = [poe_question(f"/Soak{bot}", ask, _ACCESS_KEY) for bot in range(len(_BOTS)) for ask in asks]
    crowd = Crowd(server.port, questions, _TEXT, _LONGEST_ANSWER_SECONDS)
    began = time.monotonic()
    asking = asyncio.create_task(crowd.ask_until(began + seconds, streams))
    samples: list[Sample] = []
    while not asking.done():
        await asyncio.wait((asking,), timeout=every)
        samples.append(await _sample(server, crowd, began))
        print(_line(samples[-1]), flush=True)
    await asking
    for _ in range(100):  # those who left are noticed a moment later
        if not samples[-1].in_flight:
            break
        await asyncio.sleep(0.05)
        samples[-1] = await _sample(server, crowd, began)
    endings = {name: crowd.endings[name] for name in ("whole", "error", "left", "lost", "doubled", "hung")}
    return Soaked(dict(endings), samples)


@contextlib.contextmanager
def _server(cores: Cores, chaotic: Child, steady: Child) -> Iterator[Child]:
    port = free_port()
    providers = [
        {"name": name, "api_base": f"http://127.0.0.1:{child.port}/v1", "models": ["demo"]}
        for name, child in (("chaotic", chaotic), ("steady", steady))
    ]
    bots = [{"bot_name": f"Soak{number}", **_TARGETS, **fields} for number, fields in enumerate(_BOTS)]
    with TemporaryDirectory() as folder:
        command = ["-m", "bench.rig.soaked", "--port", str(port)]
        for kind, entries in (("provider", providers), ("bot", bots)):
            file = Path(folder) / f"{kind}s.yaml"
            file.write_text(json.dumps({f"{kind}s": entries}))  # JSON is YAML too
            command += [f"--{kind}-config", str(file)]
        with running(command, port, cores, "under test", _QUIET) as child:
            yield child


async def _sample(server: Child, crowd: Crowd, began: float) -> Sample:
    return await asyncio.to_thread(_sample_now, server, crowd, began)


def _sample_now(server: Child, crowd: Crowd, began: float) -> Sample:
    pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
    return Sample(
        seconds=round(time.monotonic() - began, 1),
        asking=crowd.open,
        answered=sum(crowd.endings.values()),
        mebibytes=round(pages * resource.getpagesize() / _MEBIBYTE, 1),
        sockets=len(list(Path(f"/proc/{server.pid}/fd").iterdir())),
        **_counts(server.port),
    )


def _counts(port: int) -> dict[str, int]:
    with urlopen(f"http://127.0.0.1:{port}/soak", timeout=30) as response:
        counts: dict[str, int] = json.load(response)
        return counts


def _line(sample: Sample) -> str:
    return (
        f"{sample.seconds:7.1f} s  {sample.asking:4} asking  {sample.answered:7} answered  {sample.mebibytes:7.1f} MiB"
        f"  {sample.sockets:5} files open  {sample.attempts:7} attempts  {sample.records:7} records"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, metavar="N", help="for how long (default: 10)")
    parser.add_argument("--streams", type=int, default=500, metavar="N", help="answers at once (default: 500)")
    parser.add_argument("--every", type=float, default=10, metavar="SECONDS", help="between two lines (default: 10)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers to this file as well")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
