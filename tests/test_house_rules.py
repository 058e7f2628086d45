"""The drawing of the house, held against its walls: who imports whom, and what happens at import."""

import ast
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent

FLOORS = (
    {"app", "run_local", "config_manager", "console"},
    {"utils.cli"},
    {"utils.bot_factory"},
    {"utils.assembly"},
    {"utils.office", "utils.cards", "utils.generations", "utils.api_doors", "utils.operations", "utils.warm_up"},
    {"bots"},
    {"utils.poe", "utils.web"},
    {"utils.routing"},
    {"utils.ledger"},
    {"utils.providers"},
    {"utils.registry", "utils.keys"},
    {"utils.chat", "utils.settings", "utils.problems", "utils.logs", "utils.garbage", "utils.version"},
    {"utils.errors"},
)
"""From the top of the house to its ground. Imports point down, or stay in their room."""

GROUND = FLOORS[-2] | FLOORS[-1]
"""These are single modules, which may import each other."""

HOMES = {
    "fastapi_poe": {"utils.poe", "utils.generations", "utils.assembly", "utils.bot_factory", "bots"},
    "sse_starlette": {"utils.poe", "bots"},
    "openai": {"utils.providers"},
    "httpx2": {"utils.providers"},
    "aiohttp": {"utils.providers", "utils.poe.attachments"},
    "yaml": {"utils.registry", "utils.cli"},
    "ruamel": {"utils.registry", "utils.cli"},
    "modal": {"app"},
    "rich": {"utils.cli"},
    "typer": {"utils.cli"},
    "dotenv": {"run_local", "config_manager", "utils.cli"},
    "uvicorn": {"utils.cli", "utils.providers.demo"},
    "streamlit": {"console"},
    "playwright": set(),
    "watchfiles": {"utils.registry"},
    "sqlalchemy": {"utils.ledger", "utils.keys"},
    "cryptography": {"utils.keys"},
    "alembic": {"utils.ledger"},
    "genai_prices": {"utils.ledger"},
    "prometheus_client": {"utils.web"},
    "opentelemetry": {"utils.routing"},
    "aiobotocore": {"utils.providers.bedrock"},
    "botocore": {"utils.providers.bedrock"},
}
"""Where each third-party name may be imported."""

HEAVY = (
    "openai",
    "modal",
    "typer",
    "aiohttp",
    "httpx2",
    "sqlalchemy",
    "alembic",
    "genai_prices",
    "cryptography",
    "prometheus_client",
    "opentelemetry.sdk",
    "ruamel",
    "aiobotocore",
    "botocore",
    "pydantic.v1",
)
"""What the way to the first answer must not wait for. (fastapi_poe itself brings rich, by httpx, and uvicorn.)"""


class Import(NamedTuple):
    """One import statement: in which module, of what, how many dots, and on which line."""

    module: str
    name: str
    dots: int
    line: int

    def __str__(self) -> str:
        return f"{self.module} imports {'.' * self.dots}{self.name} (line {self.line})"


@cache
def modules() -> dict[str, Path]:
    files = [*ROOT.glob("*.py"), *(ROOT / "utils").rglob("*.py"), *(ROOT / "bots").rglob("*.py")]
    files += (ROOT / "console").rglob("*.py")
    return {module_name(file): file for file in files}


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports() -> Iterator[Import]:
    for module, file in modules().items():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (Import(module, alias.name, 0, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (Import(module, name, node.level, node.lineno) for name in _names_of(node))


def _names_of(node: ast.ImportFrom) -> Iterator[str]:
    """`from utils import chat` imports utils.chat."""
    if node.module == "utils":
        yield from (f"utils.{alias.name}" for alias in node.names)
    else:
        yield node.module or ""


def room(name: str) -> str:
    """The room of a module: `utils.poe` for utils.poe.door."""
    parts = name.split(".")
    return ".".join(parts[:2]) if parts[0] == "utils" else parts[0]


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room(name) in rooms)


def ours(name: str) -> bool:
    return name.split(".")[0] in {"utils", "bots"}


def lies_in(module: str, places: set[str]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


def test_every_room_stands_in_the_drawing():
    drawn = set().union(*FLOORS)

    assert {room(module) for module in modules()} - drawn - {"utils", "bots"} == set()


def test_imports_point_down():
    wrong = [
        str(each)
        for each in imports()
        if each.dots == 0 and ours(each.name) and room(each.module) not in {"utils", "bots", room(each.name)}
        if not (floor(each.module) < floor(each.name) or {room(each.module), room(each.name)} <= GROUND)
    ]

    assert wrong == []


def test_the_ground_floor_has_no_circles():
    graph: dict[str, set[str]] = {name: set() for name in GROUND}
    for each in imports():
        if each.module in GROUND and each.name in GROUND:
            graph[each.module].add(each.name)

    while free := {name for name, wanted in graph.items() if not wanted}:
        graph = {name: wanted - free for name, wanted in graph.items() if name not in free}

    assert graph == {}


def test_the_server_never_imports_the_bots():
    assert [str(each) for each in imports() if lies_in(each.module, {"utils"}) and lies_in(each.name, {"bots"})] == []


def test_the_console_knows_the_server_by_http_only():
    ways_in = [
        str(each) for each in imports() if each.module.startswith("console") and ours(each.name) and not each.dots
    ]
    ways_out = [
        str(each) for each in imports() if not each.module.startswith("console") if lies_in(each.name, {"console"})
    ]

    assert any(each.module.startswith("console.") for each in imports())
    assert ways_in == []
    assert ways_out == []


def test_bots_know_the_poe_door_and_what_lies_below_it():
    above = [str(each) for each in imports() if each.module.startswith("bots.") and ours(each.name) and each.dots == 0]
    allowed = floor("utils.poe")

    wrong = [
        str(each)
        for each in imports()
        if each.module.startswith("bots.") and lies_in(each.name, {"utils"}) and floor(each.name) < allowed
    ]

    assert above
    assert wrong == []


@pytest.mark.parametrize("library", HOMES)
def test_each_library_has_one_home(library):
    wrong = [
        str(each)
        for each in imports()
        if each.dots == 0 and each.name.split(".")[0] == library and not lies_in(each.module, HOMES[library])
    ]

    assert wrong == []


def test_the_environment_is_touched_in_few_places():
    wrong = [
        f"{module} (line {node.lineno})"
        for module, file in modules().items()
        if not lies_in(module, {"utils.settings", "utils.keys", "console.place"})
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "putenv"}
        if isinstance(node.value, ast.Name) and node.value.id == "os"
    ]

    assert wrong == []


def test_inside_a_room_imports_are_relative_and_across_rooms_absolute():
    wrong = []
    for each in imports():
        is_package = modules()[each.module].name == "__init__.py"
        depth = len(each.module.split(".")) + is_package - each.dots
        leaves_its_room = each.dots > 0 and depth < (1 if room(each.module) == "console" else 2)
        is_absolute_inside = each.dots == 0 and ours(each.name) and room(each.name) == room(each.module)
        if leaves_its_room or (is_absolute_inside and room(each.module) not in {"utils", "bots"}):
            wrong.append(str(each))

    assert wrong == []


@pytest.fixture(scope="module")
def at_import() -> dict[str, list[str]]:
    """What a new process did while it imported the server and its bots, and what it had loaded at the end."""
    script = """
        import json, os, sys
        done = {"files": [], "sockets": [], "environment": []}

        def watch(event, arguments):
            if event == "open" and isinstance(arguments[0], str):
                path = os.path.abspath(arguments[0])
                if "/config/" in path or path.endswith((".yaml", "/.env")) or "w" in str(arguments[1] or ""):
                    done["files"].append(path)
            elif event in {"socket.connect", "socket.bind", "socket.getaddrinfo"}:
                done["sockets"].append(event)

        class Watched(type(os.environ)):
            def __getitem__(self, name):
                caller = sys._getframe(1)
                while caller.f_globals.get("__name__") in {"os", "collections.abc"}:
                    caller = caller.f_back
                if caller.f_globals.get("__name__", "").split(".")[0] in {"utils", "bots"}:
                    done["environment"].append(f"{caller.f_globals['__name__']}: {name}")
                return super().__getitem__(name)

        os.environ.__class__ = Watched
        sys.addaudithook(watch)
        import utils.bot_factory
        done["heavy"] = sorted(name for name in HEAVY if name in sys.modules)
        import utils.providers.openai_provider
        done["answering"] = sorted(name for name in ("openai", "httpx2") if name in sys.modules)
        import importlib, pkgutil
        import bots, utils
        for package in (bots, utils):
            for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                if not module.name.endswith("__main__"):
                    importlib.import_module(module.name)
        print(json.dumps(done))
    """
    program = f"HEAVY = {HEAVY!r}\n{textwrap.dedent(script)}"
    run = subprocess.run(
        [sys.executable, "-B", "-W", "ignore", "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    seen: dict[str, list[str]] = ast.literal_eval(run.stdout)
    return seen


@pytest.mark.parametrize("what", ["files", "sockets", "environment"])
def test_importing_touches_nothing(at_import, what):
    assert at_import[what] == []


def test_the_way_to_the_first_answer_imports_nothing_heavy(at_import):
    assert at_import["heavy"] == []


def test_what_asks_a_provider_for_an_answer_does_not_import_the_openai_package(at_import):
    assert at_import["answering"] == []


_SERVE_BY_ITSELF = """
    import asyncio, json, sys
    from utils.bot_factory import create_app
    from utils.warm_up import WarmUp

    WarmUp.begin = lambda self: None  # what is loaded now is loaded because somebody waits for it

    async def ask(app, method, path, body=b""):
        sent = []
        requests = iter([{"type": "http.request", "body": body}])

        async def receive():
            return next(requests, None) or await asyncio.Event().wait()

        async def send(message):
            sent.append(message.get("body", b""))

        headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
        scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "headers": headers}
        await app({**scope, "query_string": b"", "http_version": "1.1", "client": ("127.0.0.1", 1)}, receive, send)
        return b"".join(sent)

    async def main():
        app = create_app()
        async with app.router.lifespan_context(app):
            health = await ask(app, "GET", "/health")
            by_then = [name for name in HEAVY if name in sys.modules]
            asked = {"type": "query", "query": [{"role": "user", "content": "/tokens 1"}]}
            answer = await ask(app, "POST", "/DemoBot", json.dumps(asked).encode())
            loaded = [name for name in HEAVY if name in sys.modules]
        print(json.dumps([b"DemoBot" in health and b"event: done" in answer, by_then, loaded]))

    asyncio.run(main())
"""


def test_neither_the_first_health_nor_the_first_answer_loads_anything_heavy():
    program = f"HEAVY = {HEAVY!r}\n{textwrap.dedent(_SERVE_BY_ITSELF)}"
    environment = {**os.environ, "ALLOW_WITHOUT_KEY": "true", "LEDGER": "log", "LOG_LEVEL": "error"}
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout.splitlines()[-1]) == [True, [], []]


def test_the_files_of_requirements_go_together() -> None:
    """Two of them are installed at once, and a package that they pin differently could not be."""
    pinned: dict[str, str] = {}
    for file in sorted(ROOT.glob("requirements*.txt")):
        for line in file.read_text().splitlines():
            if "==" in line:
                package, _, version = line.partition("==")
                _, _, condition = version.partition(";")
                name = f"{package.partition('[')[0]};{condition}"
                assert pinned.setdefault(name, version) == version, f"{package} in {file.name}"
    assert len(pinned) > 50
