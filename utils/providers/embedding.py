"""Texts as vectors, over an OpenAI-compatible API: what is sent at once, and what comes back."""

import base64
import binascii
import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from sys import byteorder
from typing import Any

from utils.chat import Usage
from utils.errors import BrokenStream, ProviderFailure
from utils.registry import ProfileName

from .failures import from_stream, without_secrets
from .whole_body import not_what_was_asked

_MOST_AT_ONCE: Mapping[ProfileName, int] = {"openai": 2048, "azure": 2048, "cohere": 96, "gemini": 100}
"""How many texts may be in one request, where that is known."""
_USUALLY_AT_ONCE = 128

Vector = tuple[float, ...]


def batches(texts: Sequence[str], known_as: ProfileName) -> Iterator[tuple[str, ...]]:
    """The texts in portions that the provider takes at once."""
    rest = iter(texts)
    while batch := tuple(islice(rest, _MOST_AT_ONCE.get(known_as, _USUALLY_AT_ONCE))):
        yield batch


def vectors_in(body: object, expected: int, provider: str, key: str = "") -> tuple[tuple[Vector, ...], Usage]:
    """The vectors of one portion in the order of its texts, and its tokens. Raises a `ProviderFailure` else."""
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(data, list):
        raise _no_vectors(body, provider, key)
    by_index: dict[int, Vector] = {}
    for position, item in enumerate(data):
        index = item.get("index") if isinstance(item, dict) else None
        vector = _vector(item.get("embedding")) if isinstance(item, dict) else None
        if vector:
            by_index[index if isinstance(index, int) else position] = vector
    if sorted(by_index) != list(range(expected)):
        raise BrokenStream(f"of {expected} texts, vectors came for {len(by_index)}", provider=provider)
    return tuple(by_index[index] for index in range(expected)), _usage(body.get("usage"))


def _no_vectors(body: object, provider: str, key: str) -> ProviderFailure:
    if isinstance(body, dict) and body.get("error"):
        return from_stream(body["error"], provider, key)
    return not_what_was_asked("vectors", without_secrets(str(body)[:1000], key), provider)


def _vector(value: object) -> Vector | None:
    """Floats, or the same as base64 of 32 bits each, little end first."""
    if isinstance(value, list):
        numbers = tuple(float(number) for number in value if isinstance(number, int | float))
        return numbers if len(numbers) == len(value) else None
    if not isinstance(value, str):
        return None
    try:
        floats = array("f", base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return None
    if byteorder == "big":
        floats.byteswap()
    return tuple(floats) if all(map(math.isfinite, floats)) else None


def _usage(value: Any) -> Usage:
    tokens = [value.get(key) for key in ("prompt_tokens", "total_tokens")] if isinstance(value, dict) else []
    return Usage(input_tokens=next((count for count in tokens if isinstance(count, int) and count >= 0), 0))
