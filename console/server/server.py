"""One server: its address and its keys. Every request of the console goes through here, with the key of its door."""

import json
import ssl
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx

from .stream import Stream
from .troubles import ACCESS, ADMIN, CLIENT, Trouble, away, refusal

_OF_THE_OWNER = ("/admin", "/usage", "/metrics")
_TIMEOUT = httpx.Timeout(60, connect=10)


@dataclass(frozen=True)
class Server:
    """Asks the doors of one server. What goes wrong is raised as a `Trouble`."""

    address: str
    admin_key: str | None = field(default=None, repr=False)
    client_key: str | None = field(default=None, repr=False)

    def read(self, path: str, **params: Any) -> Any:
        """GET, and the JSON of the answer. A parameter that is None is left out."""
        return _json(self._ask("GET", path, params))

    def read_text(self, path: str, **params: Any) -> str:
        """GET, and the answer as it is."""
        return self._ask("GET", path, params).text

    def send(self, method: str, path: str, body: Any = None, *, if_match: str | None = None, **params: Any) -> Any:
        """POST, PUT, PATCH or DELETE, and the JSON of the answer; None where it has none."""
        response = self._ask(method, path, params, body, if_match=if_match)
        return _json(response) if response.content else None

    def stream(self, path: str, body: Any) -> Stream:
        """POST, and the events of the answer as they come."""
        return Stream(self.address, path, body, {**self._headers(path), "accept": "text/event-stream"}, _sort_of(path))

    def stream_as_poe(self, path: str, body: Any, access_key: str | None = None) -> Stream:
        """POST to a bot with its access key, as Poe does, and the events of the answer."""
        return Stream(self.address, path, body, {**_bearer(access_key), "accept": "text/event-stream"}, ACCESS)

    def send_as_poe(self, path: str, body: Any, access_key: str | None = None) -> Any:
        """POST to a bot with its access key, as Poe does, and the JSON of the answer."""
        return _json(self._ask("POST", path, {}, body, as_poe=_bearer(access_key)))

    def _ask(
        self,
        method: str,
        path: str,
        params: dict[str, Any],
        body: Any = None,
        *,
        as_poe: dict[str, str] | None = None,
        if_match: str | None = None,
    ) -> httpx.Response:
        headers = self._headers(path) if as_poe is None else as_poe
        headers |= {"if-match": f'"{if_match}"'} if if_match else {}
        said = {name: value for name, value in params.items() if value is not None}
        try:
            # A key goes to its own address: neither redirects nor proxies of the environment are followed.
            with httpx.Client(timeout=_TIMEOUT, trust_env=False, verify=_certificates()) as client:
                response = client.request(method, self.address + path, params=said or None, json=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            raise away(self.address, exc) if isinstance(exc, httpx.HTTPError) else Trouble(str(exc)) from exc
        if not response.is_success:
            sort = _sort_of(path) if as_poe is None else ACCESS
            raise refusal(response.status_code, response.content, sort)
        return response

    def _headers(self, path: str) -> dict[str, str]:
        return _bearer(self.admin_key if _sort_of(path) == ADMIN else self.client_key)


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust; to read that takes longer than many an answer."""
    return httpx.create_ssl_context(trust_env=False)


def _sort_of(path: str) -> str:
    return ADMIN if path.startswith(_OF_THE_OWNER) else CLIENT


def _bearer(key: str | None) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"} if key else {}


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except json.JSONDecodeError as exc:
        raise Trouble(
            "Something answers at this address, and it is not a bot server.",
            "Choose another address under *Server* in the sidebar.",
        ) from exc
