"""`poe:` of bots.yaml, checked against what Poe knows."""

from collections.abc import Iterable, Mapping
from typing import Any

import fastapi_poe as fp
from fastapi_poe import types
from pydantic import BaseModel, ValidationError

from utils.problems import did_you_mean

Finding = tuple[str, tuple[str | int, ...]]

_KINDS_OF_CONTROLS = {
    kind.model_fields["control"].default: name
    for name, kind in vars(types).items()
    if isinstance(kind, type) and issubclass(kind, BaseModel) and "control" in kind.model_fields
}


def wrong_settings(settings: Mapping[str, Any]) -> Iterable[Finding]:
    """Every mistake as a sentence, and where it stands. Poe itself drops what it does not understand without a word."""
    try:
        fp.SettingsResponse.model_validate(dict(settings))
    except ValidationError as exc:
        findings = [_finding(error, settings) for error in exc.errors(include_input=False)]
        return dict.fromkeys(finding for finding in findings if finding is not None)
    return ()


def _finding(error: Any, settings: Mapping[str, Any]) -> Finding | None:
    """The mistake, or None where pydantic tried a control as a kind that it is not."""
    place: tuple[str | int, ...] = ()
    value: Any = settings
    for step in error["loc"]:
        if step in _KINDS_OF_CONTROLS.values():
            control = str(value.get("control")) if isinstance(value, Mapping) else ""
            if control not in _KINDS_OF_CONTROLS:
                place = (*place, "control")
                return f"Poe's setting `{_dotted(place)}` should be one of {', '.join(_KINDS_OF_CONTROLS)}.", place
            if _KINDS_OF_CONTROLS[control] != step:
                return None
        else:
            place = (*place, step)
            value = _inside(value, step)
    return _sentence(error, place), place


def _sentence(error: Any, place: tuple[str | int, ...]) -> str:
    name = _dotted(place)
    if error["type"] == "extra_forbidden":
        near = did_you_mean(name, fp.SettingsResponse.model_fields) if len(place) == 1 else ""
        return f"Poe has no setting `{name}`.{near}"
    if error["type"] == "missing":
        return f"Poe's setting `{name}` is missing."
    return f"Poe's setting `{name}`: {error['msg'][:1].lower()}{error['msg'][1:]}."


def _inside(value: Any, step: str | int) -> Any:
    try:
        return value[step]
    except (LookupError, TypeError):
        return None


def _dotted(place: tuple[str | int, ...]) -> str:
    return ".".join(str(step) for step in place)
