"""What goes wrong between the console and the server. Each says in a sentence what, and what to do.

Trouble
├── Away        nobody answers at the address: start the server, or correct the address
├── KeyWanted   a key is missing or wrong: which one stands in `key`
├── NotThere    the address answers, and has no such thing: deleted, renamed, or an older server
└── Refused     the server says no, and why: show it, its problems too
"""

import json
from typing import Any

import httpx

ADMIN, CLIENT, ACCESS = "admin key", "client key", "access key"
"""The sorts of keys: of the owner, of programs, and of one bot on Poe."""


class Trouble(Exception):
    """Something went wrong; `str()` of it is a sentence for a person, `what_to_do` another.

    `body` is the whole of what the server said, where it said something.
    """

    body: Any = None

    def __init__(self, sentence: str, what_to_do: str = "") -> None:
        super().__init__(sentence)
        self.what_to_do = what_to_do


class Away(Trouble):
    """Nobody answers there."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(
            f"There is no server at {address}: {why}.",
            "Start it with `python run_local.py`, or choose another one under *Server* in the sidebar.",
        )


class KeyWanted(Trouble):
    """The door is shut for whoever shows this key, or none."""

    def __init__(self, sentence: str, key: str, what_to_do: str = "") -> None:
        super().__init__(sentence, what_to_do or f"Give the {key} under *Server* in the sidebar.")
        self.key = key


class NotThere(Trouble):
    """There is nothing at this path."""


class Refused(Trouble):
    """The server says no."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def away(address: str, exc: httpx.HTTPError) -> Trouble:
    """The sentence for a request without an answer. Only the class of it is told: its text might hold a key."""
    why = next((words for kind, words in _WORDS.items() if isinstance(exc, kind)), type(exc).__name__)
    return Away(address, why)


def refusal(status: int, body: bytes, key: str) -> Trouble:
    """The trouble that an answer with this status means, to a request with that sort of key."""
    trouble = _trouble(status, said := _parsed(body), key)
    trouble.body = said
    return trouble


def _trouble(status: int, said: Any, key: str) -> Trouble:
    sentence = _sentence(said) or f"The server answered with status {status}."
    is_a_change = isinstance(said, dict) and "saved" in said  # whose key was right
    if status in _WITHOUT_ADMIN_KEY and key == ADMIN and not is_a_change:
        return KeyWanted(_WITHOUT_ADMIN_KEY[status][0], key, _WITHOUT_ADMIN_KEY[status][1])
    if status in (401, 403) and not is_a_change:
        return KeyWanted(sentence, key)
    if status == 404 and not is_a_change:
        return NotThere(sentence)
    return Refused(status, sentence)


_WITHOUT_ADMIN_KEY = {
    401: (
        "The admin key is missing or wrong.",
        "Give it under *Server* in the sidebar: it is what `ADMIN_KEY` is on that server.",
    ),
    403: (
        "This server has no admin key, so nobody may do this.",
        "Set `ADMIN_KEY` where it runs, start it again, and give the key under *Server* in the sidebar.",
    ),
}
_WORDS: dict[type[httpx.HTTPError], str] = {
    httpx.ConnectError: "nobody listens there",
    httpx.ConnectTimeout: "it does not answer in time",
    httpx.TimeoutException: "it took too long to answer",
    httpx.RemoteProtocolError: "it hung up in the middle",
    httpx.UnsupportedProtocol: "an address begins with http:// or https://",
}


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _sentence(said: Any) -> str:
    """What a server says of an error, whichever of its doors it was."""
    if not isinstance(said, dict):
        return ""
    error = said.get("error", said.get("detail", ""))
    message = error.get("message", "") if isinstance(error, dict) else error
    return message if isinstance(message, str) else ""
