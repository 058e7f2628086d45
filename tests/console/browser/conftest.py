"""run_local.py with its console, and a real Chromium for each width that looks at it: the same ones for all tests.

A test that is about the width of the window, too, says `@both_widths`.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.local import ROOT, run_local
from tests.console.needing import skipped_without

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytest_pycollect_makemodule = skipped_without(
    "playwright", "the browser tests need Playwright: pip install -r requirements-dev.txt"
)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARTEFACTS = ROOT / "artefacts"
WINDOWS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1280, "height": 900}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "user_agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 Chrome/140 Mobile Safari/537",
        "is_mobile": True,
        "has_touch": True,
    },
}

_QUIET = ["no-sandbox", "disable-gpu", "disable-quic", "no-first-run"]
_QUIET += ["disable-background-networking", "disable-component-update", "disable-sync"]
_PATIENCE_MILLISECONDS = 45_000
"""A machine that runs many tests at once is slow; a test that is not kept waiting does not wait."""
_PRICED = """
  - name: priced
    kind: demo
    models:
      - {name: demo, price: {input: 100, output: 1000}}
      - {name: demo-think-3, price: {input: 100, output: 1000}}
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker takes all of them, so that one server and one browser do."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))
            item.add_marker(pytest.mark.timeout(180))
            if CHROMIUM is None:
                item.add_marker(
                    pytest.mark.skip(reason="there is no Chromium on this machine: apt-get install chromium")
                )


@pytest.fixture(scope="package")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the console beside a server with files of its own: those that ship, and a demo with a price."""
    folder = tmp_path_factory.mktemp("config")
    for name in ("bots.yaml", "providers.yaml"):
        shutil.copy(ROOT / "config" / name, folder)
    with (folder / "providers.yaml").open("a", encoding="utf-8") as providers:
        providers.write(_PRICED)
    options = ["--bot-config", str(folder / "bots.yaml"), "--provider-config", str(folder / "providers.yaml")]
    quiet = {name: "" for name in os.environ if "API_KEY" in name}
    places = {
        "LEDGER": "sqlite",
        "LEDGER_FILE": str(folder / "ledger.db"),
        "CLIENTS_FILE": str(folder / "clients.json"),
    }
    with run_local(*options, "--console-port", "0", folder=ROOT, **quiet, **places) as server:
        while "Console on" not in (line := server.process.stdout.readline()):  # type: ignore[union-attr]  # it is a pipe
            assert line, "run_local.py ended"
        yield line.split()[2]
        code, _ = server.stop()
        assert code == 0


@pytest.fixture(scope="package")
def windows(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[dict[str, BrowserContext]]":
    """A Chromium for each width. It keeps what never changes on its disk, read and compiled, for its next page."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=_PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        windows = {
            name: playwright.chromium.launch_persistent_context(
                tmp_path_factory.mktemp(name),
                executable_path=CHROMIUM,
                args=[f"--{each}" for each in _QUIET],
                **options,
            )
            for name, options in WINDOWS.items()
        }
        yield windows
        for window in windows.values():
            window.close()


@pytest.fixture
def page(request: pytest.FixtureRequest, console: str, windows: "dict[str, BrowserContext]") -> "Iterator[Page]":
    """The console, opened by somebody who has never been there. Nothing is fetched from elsewhere."""
    name = getattr(request, "param", "desk")
    page = windows[name].new_page()
    page.set_default_timeout(_PATIENCE_MILLISECONDS)
    foreign: list[str] = []
    page.on(
        "request",
        lambda asked: None if asked.url.startswith((console, "data:", "blob:")) else foreign.append(asked.url),
    )
    page.goto(console)
    page.get_by_test_id("stChatInput").wait_for()
    yield page
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{request.node.originalname}-{name}.png")
    page.close()
    assert foreign == []
