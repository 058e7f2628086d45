"""Who is let in to the HTTP API: clients with a key, or, where none was ever set, this machine alone."""

import asyncio
import ipaddress
from urllib.parse import parse_qsl

import structlog
from starlette.requests import Request

from utils.keys.clients import KEYS_NAME, ClientKeys
from utils.keys.clients_file import Client
from utils.registry.budget_words import budgets_in
from utils.routing.rate_limit import RateLimit, RateLimiter, TooManyQuestions

from .refusals import Refused

_log = structlog.get_logger(__name__)

NOBODY = Client("local", "local")
"""Who comes without a key, where that is allowed."""

_MOST_GUESSES_AT_A_TIME = 20
_OTHER_HEADERS = ("api-key", "x-api-key")
_IN_THE_ADDRESS = frozenset(("api_key", "api-key", "apikey", "key", "access_token", "token", "authorization", "auth"))


class Admission:
    """Looks at the key of every request before anything else of it."""

    def __init__(
        self,
        clients: ClientKeys,
        *,
        allow_without_key: bool = False,
        wrong_key_seconds: float = 1.0,
    ) -> None:
        self._clients = clients
        self._allow_without_key = allow_without_key
        self._wrong_key_seconds = wrong_key_seconds
        self._limiters: dict[tuple[str, str], RateLimiter] = {}
        self._guesses = 0
        """How many who showed a wrong key are waiting for their answer."""

    async def let_in(self, request: Request) -> Client:
        """The client that asks. Raises `Refused`."""
        if _IN_THE_ADDRESS & {name.lower() for name, _ in parse_qsl(request.url.query, keep_blank_values=True)}:
            raise Refused(400, "A key does not belong into the address: show it as `Authorization: Bearer …`.")
        if not self._clients.are_wanted:
            return self._without_key(request)
        key = _shown(request)
        if not key:
            raise _unknown("The key is missing: show it as `Authorization: Bearer …`.")
        client = self._clients.find(key)
        if client is None:
            await self._to_a_wrong_key()
            raise _unknown("The key is wrong, or was revoked.")
        return client

    def count(self, client: Client) -> None:
        """Let the client ask once more, or raise `TooManyQuestions` or `Refused`.

        What it may spend is looked at where it is spent: what comes from the cache is free.
        """
        if client.rate_limit:
            wait = self._limiter(client, client.rate_limit).check(client.owner)
            if wait is not None:
                raise TooManyQuestions(wait)
        if client.budget:
            _check_budget(client.budget)

    def _without_key(self, request: Request) -> Client:
        if not self._allow_without_key:
            raise Refused(
                403,
                f"Nobody may do this: create a client with `config_manager.py keys create-client`, or set {KEYS_NAME}.",
            )
        # Browsers name where a page came from; and a page whose name was made to point here names itself as the host.
        if "origin" in request.headers or not _is_here(request.url.hostname or ""):
            raise Refused(403, "Pages of other servers may not do this.")
        if request.client is None or not _is_here(request.client.host):
            raise Refused(403, "Without a key only this machine itself may do this.")
        return NOBODY

    async def _to_a_wrong_key(self) -> None:
        """Each guess takes its time, and there are only so many at a time. Who has a key never waits."""
        if self._guesses >= _MOST_GUESSES_AT_A_TIME:
            raise Refused(429, "Too many wrong keys.", headers={"retry-after": "5"})
        self._guesses += 1
        _log.warning("api.wrong_key")
        try:
            await asyncio.sleep(self._wrong_key_seconds)
        finally:
            self._guesses -= 1

    def _limiter(self, client: Client, said: str) -> RateLimiter:
        if (client.owner, said) not in self._limiters:
            try:
                limit = RateLimit.parse(said)
            except ValueError as exc:
                raise Refused(503, "The rate limit of this client cannot be understood.") from exc
            self._limiters[client.owner, said] = RateLimiter(limit)
        return self._limiters[client.owner, said]


def _check_budget(said: str) -> None:
    try:
        budgets_in(said)
    except ValueError as exc:
        raise Refused(503, "The budget of this client cannot be understood.") from exc


def _shown(request: Request) -> str:
    """The key; empty where none is shown. Clients of Azure and of Anthropic have headers of their own for it."""
    if said := request.headers.get("authorization"):
        scheme, _, key = said.partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""
    return next(filter(None, (request.headers.get(name, "").strip() for name in _OTHER_HEADERS)), "")


def _unknown(message: str) -> Refused:
    return Refused(401, message, code="invalid_api_key", headers={"www-authenticate": "Bearer"})


def _is_here(host: str) -> bool:
    """Whether this name or address means the machine that it is said on."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
