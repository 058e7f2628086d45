"""Entries without the keys that stand in them. A key belongs into a variable; one that stands here is not shown."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from utils.keys import looks_secret, masked
from utils.registry.editing import is_same
from utils.registry.spec import variable_name

MASK = "***"

Location = tuple[str | int, ...]

_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*(?::-)?\}")
_SCHEME = re.compile(r"(?:bearer|basic|token)\b", re.IGNORECASE)
_KEY_ITSELF = re.compile(r"(?:sk-|sk_|gsk_|hf_|AIza|r8_|xai-|nvapi-|csk-|fw_|tgp_|ABSK)[A-Za-z0-9_-]{16,}")
_HEADERS_OF_KEYS = frozenset(("authorization", "proxy-authorization", "cookie"))
_NAMES_OF_VARIABLES = frozenset(("api_key_env", "access_key_env"))
_SHORTEST_KEY = 8


def literal_keys(data: Any, location: Location = ()) -> Iterator[tuple[Location, str]]:
    """Every key that stands in the entry itself, with its place."""
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from literal_keys(value, (*location, name))
    elif isinstance(data, list):
        for at, value in enumerate(data):
            yield from literal_keys(value, (*location, at))
    elif isinstance(data, str):
        # What is shorter is no key, and would be found all over the file.
        yield from ((location, key) for key in _keys_in(data, location) if len(key) >= _SHORTEST_KEY or MASK in key)


def hidden(data: Any, keys: frozenset[str]) -> Any:
    """A copy in which `***` stands for each of the keys."""
    if isinstance(data, Mapping):
        return {name: hidden(value, keys) for name, value in data.items()}
    if isinstance(data, list):
        return [hidden(value, keys) for value in data]
    return masked(data, keys) if isinstance(data, str) else data


def as_json(data: Any) -> Any:
    """A copy that JSON can say: what YAML knows besides becomes its text."""
    if isinstance(data, Mapping):
        return {str(name): as_json(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [as_json(value) for value in data]
    is_plain = data is None or isinstance(data, str | int) or (isinstance(data, float) and math.isfinite(data))
    return data if is_plain else str(data)


def restored(given: Any, now: Any, shown: Any) -> Any:
    """What was given, with what stands in the file `now` wherever that was given back as it had been `shown`."""
    if is_same(given, shown):
        return now
    if isinstance(given, dict) and isinstance(now, dict):
        known = {name: restored(value, now[name], shown[name]) for name, value in given.items() if name in now}
        return {**given, **known}
    if isinstance(given, list) and isinstance(now, list):
        return [_restored_element(value, at, now, shown) for at, value in enumerate(given)]
    return given


def still_masked(data: Any, keys_before: frozenset[str]) -> Iterator[tuple[Location, str]]:
    """Every place where a key was newly written, or only its mask, with what is to be said about it."""
    for location, key in literal_keys(data):
        instead = "the name of a variable" if _field_of(location) in _NAMES_OF_VARIABLES else "`${NAME}`"
        if MASK in key:
            yield location, f"is masked here; write {instead} that holds it"
        elif key not in keys_before:
            yield location, f"looks like a key; write {instead}, and put the key into that variable"


def _field_of(location: Location) -> str:
    return next((step for step in reversed(location) if isinstance(step, str)), "")


def _keys_in(value: str, location: Location) -> Iterator[str]:
    field, words = _field_of(location), [step for step in location if isinstance(step, str)]
    if field == "api_base":
        yield from _keys_of_address(value)
    elif field in _NAMES_OF_VARIABLES:
        if not _is_name_of_variable(value):
            yield value
    elif _KEY_ITSELF.fullmatch(value) or (_holds_a_key(field, words) and _has_more_than_variables(value)):
        yield value


def _holds_a_key(field: str, words: list[str]) -> bool:
    return looks_secret(field.replace("-", "_")) or ("headers" in words and field.lower() in _HEADERS_OF_KEYS)


def _has_more_than_variables(value: str) -> bool:
    return len(_SCHEME.sub("", _VARIABLE.sub("", value)).strip()) >= _SHORTEST_KEY or MASK in value


def _keys_of_address(value: str) -> Iterator[str]:
    try:
        parts = urlsplit(value)
    except ValueError:
        return
    if "@" in parts.netloc:
        yield parts.netloc.rpartition("@")[0]
    for name, said in parse_qsl(parts.query):
        if looks_secret(name) and _has_more_than_variables(said):
            yield said


def _is_name_of_variable(value: str) -> bool:
    try:
        return variable_name(value) == value
    except ValueError:
        return False


def _restored_element(given: Any, at: int, now: list[Any], shown: list[Any]) -> Any:
    same = (old for old, seen in zip(now, shown, strict=True) if is_same(given, seen))
    if (found := next(same, None)) is not None:
        return found
    return restored(given, now[at], shown[at]) if at < len(now) else given
