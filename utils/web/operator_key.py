"""The key that opens what is the owner's alone. Without it nothing is said, not even what there is."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from utils.keys import Key, Keyring

_log = structlog.get_logger(__name__)

ADMIN_KEY = "ADMIN_KEY"
METRICS_KEY = "METRICS_KEY"
_MOST_GUESSES_AT_A_TIME = 20


Page = Callable[[Request], Awaitable[Response]]


class OperatorKey:
    """Looks at the key of a request, before anything else of it."""

    def __init__(
        self, names: tuple[str, ...] = (ADMIN_KEY,), keyring: Keyring | None = None, wrong_key_seconds: float = 1.0
    ) -> None:
        """Each of the `names` is a variable whose key is good."""
        self._names = names
        self._keyring = keyring or Keyring()
        self._wrong_key_seconds = wrong_key_seconds
        self._guesses = 0
        """How many who showed a wrong key are waiting for their answer."""

    async def refusal(self, request: Request) -> Response | None:
        """Why the request is not answered; None when its key is right."""
        keys = [key for name in self._names if (key := self._keyring.find(name)) and key.secret]
        listed = " or ".join(self._names)
        if not keys:
            return error(403, f"Nobody may do this: set {listed} on the server, and show it as a bearer token.")
        # A browser names the page that a request comes from. No page is ever given this key.
        if "origin" in request.headers:
            return error(403, "Pages in a browser may not do this.")
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if _is_one_of(given.strip(), keys) and scheme.lower() == "bearer":
            return None
        no_key = error(401, f"The key is missing or wrong: show {listed} as a bearer token.")
        return await self._to_a_wrong_key(no_key) if given else no_key

    async def _to_a_wrong_key(self, no_key: Response) -> Response:
        """Each guess takes its time, and there are only so many at a time. Who has the key never waits."""
        if self._guesses >= _MOST_GUESSES_AT_A_TIME:
            return error(429, "Too many wrong keys.", **{"retry-after": "5"})
        self._guesses += 1
        _log.warning("operator.wrong_key")
        try:
            await asyncio.sleep(self._wrong_key_seconds)
        finally:
            self._guesses -= 1
        return no_key


class Shown:
    """An ASGI app for what may be read with a key, by its path. Whatever the method is, the key is looked at first."""

    def __init__(self, key: OperatorKey, pages: Mapping[str, Page]) -> None:
        self._key = key
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        request = Request(scope, receive)
        response = await self._key.refusal(request)
        if response is None:
            response = await self._answer(request)
        response.headers["cache-control"] = "no-store"
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        show = self._pages.get(request.scope["path"])
        if show is None:
            return error(404, "There is nothing at this address.")
        if request.method not in ("GET", "HEAD"):
            return error(405, "This is asked with GET.", allow="GET, HEAD")
        return await show(request)


def error(status: int, message: str, **headers: str) -> Response:
    """An answer that says why there is none."""
    challenge = {"www-authenticate": "Bearer"} if status == 401 else {}
    return JSONResponse({"error": message}, status, {**challenge, **headers})


def _is_one_of(given: str, keys: list[Key]) -> bool:
    # All are compared, so that the time does not tell which one it was.
    return any([hmac.compare_digest(given.encode(), key.secret.encode()) for key in keys])
