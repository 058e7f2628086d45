"""The console in this process, on a server that runs in a thread with a demo behind it."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.apps import app_of
from tests.console.needing import skipped_without
from utils.cli.local_server import serving_in_background

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

pytest_pycollect_makemodule = skipped_without(
    "streamlit", "the console needs Streamlit: pip install -r requirements-console.txt"
)

HOME = Path(__file__).resolve().parents[2] / "console" / "Home.py"
ADMIN_KEY = "an-admin-key-that-nobody-guesses"

PROVIDERS = """
providers:
- {name: demo, kind: demo, models: [demo, demo-think-3]}
- {name: seeing, kind: demo, models: [{name: demo, vision: true}]}
- {name: broken, kind: demo, models: [demo-fail-503]}
- {name: keyed, api_base: "https://llm.example.com/v1", api_key_env: WORKSHOP_API_KEY, models: [large, small]}
"""

BOTS = """
bots:
- {bot_name: DemoBot, provider: demo}
- {bot_name: Steady, provider: broken, fallbacks: [demo], retries: 1}
- {bot_name: Locked, provider: keyed}
- {bot_name: Vain, provider: broken, fallbacks: ["broken:demo-fail-429"], retries: 1}
- bot_name: Host
  provider: demo
  controls: [temperature]
  suggested_replies: [Tell me more]
  poe: {introduction_message: "What shall **we** do? ![x](https://evil.example/x.png)"}
  parameter_controls:
    api_version: "2"
    sections:
      - name: The story
        controls:
          - control: drop_down
            label: For whom
            parameter_name: audience
            default_value: children
            options: [{value: children, name: Children}, {value: adults, name: Adults}]
          - control: condition
            condition: {comparator: eq, left: {parameter_name: audience}, right: {literal: children}}
            controls:
              - {control: toggle_switch, label: A happy end, parameter_name: happy_end, default_value: true}
"""


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that keeps conversations."""
    monkeypatch.setenv("ADMIN_KEY", ADMIN_KEY)
    app = app_of(tmp_path, BOTS, PROVIDERS, ledger="sqlite", ledger_file=tmp_path / "ledger.db")
    with serving_in_background(app) as address:
        yield address


@pytest.fixture
def console_at(monkeypatch: pytest.MonkeyPatch) -> "Callable[..., AppTest]":
    """Opens the console for the server at that address."""
    from streamlit.testing.v1 import AppTest

    def opened(address: str, **environment: Any) -> AppTest:
        monkeypatch.setenv("CONSOLE_SERVER", address)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return AppTest.from_file(str(HOME), default_timeout=20).run()

    return opened


@pytest.fixture
def httpserver_of() -> Iterator[Callable[[str], str]]:
    """A web server that answers everything with the same page."""
    servers: list[ThreadingHTTPServer] = []

    def started(page: str) -> str:
        class Answering(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield started
    for server in servers:
        server.shutdown()
        server.server_close()
