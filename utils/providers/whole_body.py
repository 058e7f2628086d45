"""The body of an answer that comes in one piece, as JSON: never more of it than fits, never longer than is borne."""

import asyncio
from collections.abc import AsyncIterator

import msgspec

from utils.errors import BrokenStream, NotAStream, ProviderFailure, TimedOut

from .failures import without_secrets

_MIB = 1024 * 1024
_SHOWN = 200


def json_in(body: bytes, what: str, provider: str, key: str) -> object:
    """What stands in the body. Raises a `ProviderFailure` when it is no JSON."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError) as exc:
        text = without_secrets(body[:1000].decode("utf-8", "replace"), key)
        raise not_what_was_asked(what, text, provider) from exc


async def bytes_of(parts: AsyncIterator[bytes], what: str, provider: str, *, seconds: float, most_mib: int) -> bytes:
    """All parts of the body. Raises a `ProviderFailure` when they are too many or come too late."""
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for part in parts:
                body += part
                if len(body) > most_mib * _MIB:
                    raise BrokenStream(f"{what} of more than {most_mib} MiB is not read", provider=provider)
    except TimeoutError as exc:
        raise TimedOut(f"{what} has not come within {seconds:g} seconds", provider=provider) from exc
    return bytes(body)


def not_what_was_asked(what: str, text: str, provider: str) -> ProviderFailure:
    """The failure for an answer that is something else, a web page, say. `text` has to be free of secrets."""
    beginning = " ".join(text.split())[:_SHOWN] or "nothing"
    return NotAStream(f"instead of {what} came: {beginning}", provider=provider)
