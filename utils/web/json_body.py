"""The JSON of a request, checked: what is wrong is said with the name of the field."""

import re
from typing import TypeVar

import msgspec

from utils.problems import did_you_mean

from .refusals import WrongField

_Body = TypeVar("_Body", bound=msgspec.Struct)

_NOT_FOR_CALLERS = frozenset(
    (
        *("base_url", "api_base", "api_key", "api_version", "organization", "organization_id", "project"),
        *("headers", "extra_headers", "default_headers", "extra_query", "extra_body", "additional_params", "params"),
        *("proxy", "proxies", "timeout", "url", "host", "endpoint", "azure_endpoint", "deployment", "access_key"),
    )
)
"""What only the owner of the server says: where a question goes, and with which key and headers."""

_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)


def checked(body: bytes, form: type[_Body]) -> _Body:
    """The body in this form, whose `REFUSED` has sentences for fields and values of OpenAI's. Raises `WrongField`."""
    try:
        return msgspec.json.decode(body, type=form)
    except msgspec.ValidationError as exc:
        raise _wrong(str(exc), form) from exc
    except (msgspec.DecodeError, RecursionError, ValueError) as exc:
        raise WrongField("The body is no valid JSON.") from exc


def _wrong(said: str, form: type[msgspec.Struct]) -> WrongField:
    what, _, where = said.rpartition(" - at `")
    what, param = (what, where.removesuffix("`").removeprefix("$").lstrip(".")) if what else (said, "")
    unknown = _UNKNOWN.fullmatch(what)
    if unknown and not param:
        return _unknown_field(unknown[1], form)
    if what.startswith("Object missing required field"):
        name = f"{param}.{what.rpartition('field `')[2].rstrip('`')}".lstrip(".")
        return WrongField(f"`{name}` is missing.", name, code="missing_required_parameter")
    refused = getattr(form, "REFUSED", {})
    if (field := param.partition("[")[0]) in refused:
        return WrongField(f"`{param}`: {refused[field]}", param, code="unsupported_value")
    what = f"{what[:1].lower()}{what[1:200]}"
    return WrongField(f"`{param}`: {what}." if param else f"The body: {what}.", param or None, code="invalid_value")


def _unknown_field(name: str, form: type[msgspec.Struct]) -> WrongField:
    name, refused, known = name[:100], getattr(form, "REFUSED", {}), form.__struct_fields__
    if name in refused:
        return WrongField(f"`{name}`: {refused[name]}", name, code="unsupported_parameter")
    if name in _NOT_FOR_CALLERS:
        message = f"`{name}` is nothing that a request may say: its owner configures where this server asks, and how."
        return WrongField(message, name, code="not_allowed")
    return WrongField(f"`{name}` is not known here.{did_you_mean(name, known)}", name, code="unknown_parameter")
