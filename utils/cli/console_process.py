"""The console beside the server: a process of its own, which begins when the server answers and ends with it."""

import importlib.util
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from utils.keys import Keyring, looks_secret
from utils.settings import ROOT, environment, put_into_environment

ADMIN_KEY = "ADMIN_KEY"
CLIENT_KEY = "CONSOLE_CLIENT_KEY"
HOW_TO_GET_IT = "The console needs Streamlit: pip install -r requirements-console.txt (or leave it out: --no-console)"

_LOOK_AGAIN_SECONDS = 0.1
_STOP_SECONDS = 5


@contextmanager
def console_beside(address: str, port: int | None, *, is_private: bool) -> Iterator[None]:
    """While the block runs, the console for the server at that address runs too; without a port, none does.

    Where nobody else reaches the server (`is_private`) and no ADMIN_KEY is set, both get one for this run.
    """
    if port is None:
        yield
        return
    if importlib.util.find_spec("streamlit") is None:
        print(HOW_TO_GET_IT, flush=True)
        yield
        return
    console = _Console(address, _free_port(port), environment_of_console(address, _admin_key(is_private=is_private)))
    console.start()
    try:
        yield
    finally:
        console.stop()


def environment_of_console(address: str, admin_key: str | None) -> dict[str, str]:
    """What the console's process gets: of everything secret only the keys of this server's own doors."""
    there: Mapping[str, str] = environment()
    kept = {name: value for name, value in there.items() if not looks_secret(name) or name == CLIENT_KEY}
    return {**kept, "CONSOLE_SERVER": address, **({ADMIN_KEY: admin_key} if admin_key else {})}


def _admin_key(*, is_private: bool) -> str | None:
    """The key of the operator's door, as the server finds it too."""
    key = Keyring().find(ADMIN_KEY)
    if key is None and is_private:
        put_into_environment({ADMIN_KEY: secrets.token_urlsafe(32)})
        key = Keyring().find(ADMIN_KEY)
    return key.secret if key else None


class _Console:
    """The process, and the thread that looks after it. It is started once: when it fails, the server goes on."""

    def __init__(self, server: str, port: int, environ: Mapping[str, str]) -> None:
        self._server = server
        self._port = port
        self._environ = environ
        self._is_over = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._look_after, daemon=True)

    def start(self) -> None:
        """Begin as soon as the server answers, whose start is not to be slowed down."""
        self._thread.start()

    def stop(self) -> None:
        """It has ended afterwards."""
        with self._lock:
            self._is_over.set()
            process = self._process
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _look_after(self) -> None:
        address = f"http://127.0.0.1:{self._port}"
        self._wait_for(lambda: _listens(self._server))
        with self._lock:
            if self._is_over.is_set():
                return
            self._process = subprocess.Popen(  # noqa: S603  # a module of our own and a number
                [sys.executable, "-m", "console", str(self._port)],
                cwd=ROOT,
                env=dict(self._environ),
                stdin=subprocess.PIPE,  # closes when this process ends, however that comes about
                start_new_session=True,  # Ctrl-C is for this process, which then ends the other
            )
        self._wait_for(lambda: _listens(address) or self._has_failed())
        if not self._has_failed() and not self._is_over.is_set():
            print(f"Console on {address} (open it in a browser)\n", flush=True)
        code = self._process.wait()
        if not self._is_over.is_set():
            again = "`streamlit run console/Home.py` starts it again"
            print(f"The console has stopped (exit code {code}); the server goes on. {again}.", flush=True)

    def _wait_for(self, is_so: Callable[[], bool]) -> None:
        while not self._is_over.is_set() and not is_so():
            self._is_over.wait(_LOOK_AGAIN_SECONDS)

    def _has_failed(self) -> bool:
        return self._process is not None and self._process.poll() is not None


def _listens(address: str) -> bool:
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), timeout=1).close()
    except OSError:
        return False
    return True


def _free_port(wanted: int) -> int:
    """The wanted port; or any free one where another program has it."""
    for port in (wanted, 0):
        try:
            with socket.create_server(("127.0.0.1", port)) as found:
                return int(found.getsockname()[1])
        except (OSError, OverflowError):
            continue
    return wanted
