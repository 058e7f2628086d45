"""What Poe would not accept in `parameter_controls`. It drops all of them for one mistake, without a word."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

from fastapi_poe import types
from pydantic import BaseModel, ValidationError

from utils.problems import did_you_mean

from .findings import Finding, Place, finding, hint, type_findings
from .outline import KINDS, Part, alone, empty_lists, parts

_UNDER: Place = ("parameter_controls",)
_PARAMETER_NAME = re.compile(r"[A-Za-z0-9_]+\Z")
_OTHER_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("select", "choice", "choices", "list", "combo_box", "combobox", "radio", "enum"), "drop_down"),
    **dict.fromkeys(("checkbox", "check_box", "switch", "boolean", "bool"), "toggle_switch"),
    **dict.fromkeys(("range", "number"), "slider"),
    **dict.fromkeys(("input", "text", "string"), "text_field"),
    **dict.fromkeys(("separator", "line"), "divider"),
    **dict.fromkeys(("ratio", "aspect"), "aspect_ratio"),
    "if": "condition",
}


def wrong_controls(controls: Mapping[str, Any], *, before: Mapping[str, Any] | None = None) -> Iterator[Finding]:
    """Every mistake as a sentence that says how to mend it, and where it stands inside the mapping.

    `before` are controls that are shown before these, whose parameters these may refer to and must not contradict.
    """
    all_parts = list(parts(controls))
    others = list(parts(before)) if before else []
    mistakes = chain(
        chain.from_iterable(_mistakes_in(part) for part in all_parts),
        _contradicting_defaults(all_parts, others),
        _unknown_parameters(all_parts, others),
    )
    found: dict[Place, str] = {}
    for sentence, place in mistakes:
        found.setdefault(place, sentence)
    if not found:
        # The last word is that of Poe's own type, on the whole.
        found = {place: sentence for sentence, place in type_findings(types.ParameterControls, controls, _UNDER)}
    yield from ((sentence, place[len(_UNDER) :]) for place, sentence in found.items())


def ratio(option: types.AspectRatioOption) -> str:
    """What Poe sends for this option of an `aspect_ratio`."""
    return option.value or f"{_short(option.width)}:{_short(option.height)}"


def _mistakes_in(part: Part) -> Iterator[Finding]:
    """What is wrong with the part itself; its meaning is looked at only when its form is right."""
    if part.kind is None and part.place[-1] in {"left", "right"}:
        yield _finding(part, "should be {parameter_name: …} or {literal: …}.")
    elif not isinstance(part.data, Mapping):
        yield _finding(part, "should be a mapping.")
    elif part.kind is None:
        yield _of_no_kind(part)
    else:
        data = alone(part)
        for key in empty_lists(part):
            yield _finding(part, "is empty; put at least one into it.", key)
        try:
            control = part.kind.model_validate(data)
        except ValidationError:
            yield from type_findings(part.kind, data, (*_UNDER, *part.place))
            return
        for rule in _RULES.get(part.kind, ()):
            yield from rule(part, control)


def _of_no_kind(part: Part) -> Finding:
    control = part.data.get("control")
    if control is None:
        return _finding(part, f"is missing; it should be one of {', '.join(KINDS)}.", "control")
    if str(control) in KINDS:
        return _finding(part, f"cannot be `{control}` inside a condition; put it beside the outer one.", "control")
    return _finding(part, f"should be one of {', '.join(KINDS)}.{hint(control, KINDS, _OTHER_KINDS)}", "control")


def _controls_or_tabs(part: Part, section: Any) -> Iterator[Finding]:
    if section.controls is not None and section.tabs is not None:
        yield _finding(part, "has both `controls` and `tabs`; keep one of them.")
    if section.controls is None and section.tabs is None:
        yield _finding(part, "has neither `controls` nor `tabs`; give it one of them.")


def _has_a_name(part: Part, tab: Any) -> Iterator[Finding]:
    if not (tab.name or "").strip():
        yield _finding(part, "is missing; Poe writes it on the tab.", "name")


def _good_parameter_name(part: Part, control: Any) -> Iterator[Finding]:
    name = control.parameter_name
    if not _PARAMETER_NAME.match(name):
        mended = re.sub(r"[^A-Za-z0-9_]+", "_", name, flags=re.ASCII).strip("_")
        write = f" Write `{mended}`." if mended else ""
        yield _finding(part, f"may hold letters, digits and underscores only.{write}", "parameter_name")
    elif name.lower().startswith("poe_"):
        yield _finding(part, "should not begin with `poe_`: Poe keeps these names to itself.", "parameter_name")


def _default_is_an_option(part: Part, control: Any) -> Iterator[Finding]:
    offered = [option.value for option in control.options]
    yield from _offered(part, control.default_value, offered)


def _default_is_a_ratio(part: Part, control: Any) -> Iterator[Finding]:
    for at, option in enumerate(control.options):
        for key, size in (("width", option.width), ("height", option.height)):
            if not 0 < size < math.inf:
                yield _finding(part, "should be greater than 0, and finite.", "options", at, key)
    yield from _offered(part, control.default_value, [ratio(option) for option in control.options])


def _offered(part: Part, default: str | None, offered: list[str]) -> Iterator[Finding]:
    if not offered:
        yield _finding(part, "is empty; there is nothing to choose.", "options")
    elif default is not None and default not in offered:
        names = ", ".join(f"`{value}`" for value in offered)
        yield _finding(part, f"should be the value of one of its options: {names}.", "default_value")


def _possible_range(part: Part, slider: Any) -> Iterator[Finding]:
    low, high, default = slider.min_value, slider.max_value, slider.default_value
    infinite = [key for key in ("min_value", "max_value", "step") if not abs(getattr(slider, key)) < math.inf]
    if infinite:
        yield _finding(part, "should be a finite number.", infinite[0])
        return
    if slider.step <= 0:
        yield _finding(part, "should be greater than 0.", "step")
    if low >= high:
        yield _finding(part, f"should be less than `max_value`, which is {high}.", "min_value")
    elif default is not None and not low <= default <= high:
        yield _finding(part, f"should be between {low} and {high}.", "default_value")


_Rule = Callable[[Part, Any], Iterator[Finding]]
_RULES: Mapping[type[BaseModel], tuple[_Rule, ...]] = {
    types.Section: (_controls_or_tabs,),
    types.Tab: (_has_a_name,),
    types.TextField: (_good_parameter_name,),
    types.TextArea: (_good_parameter_name,),
    types.ToggleSwitch: (_good_parameter_name,),
    types.DropDown: (_good_parameter_name, _default_is_an_option),
    types.AspectRatio: (_good_parameter_name, _default_is_a_ratio),
    types.Slider: (_good_parameter_name, _possible_range),
}


def _contradicting_defaults(here: list[Part], before: list[Part]) -> Iterator[Finding]:
    defaults: dict[str, Any] = {}
    for part in before:
        if part.parameter_name is not None:
            defaults.setdefault(part.parameter_name, part.data.get("default_value"))
    for part in here:
        name = part.parameter_name
        if name is None:
            continue
        default = part.data.get("default_value")
        first = defaults.setdefault(name, default)
        if first is not default and first != default:
            says = f"is `{name}` again; give it another name, or both the same `default_value`."
            yield _finding(part, says, "parameter_name")


def _unknown_parameters(here: list[Part], before: list[Part]) -> Iterator[Finding]:
    known = [name for part in (*before, *here) if (name := part.parameter_name) is not None]
    for part in here:
        name = part.data.get("parameter_name") if part.kind is types.ParameterValue else None
        if isinstance(name, str) and name not in known:
            yield _finding(part, f"is `{name}`, which no control sets.{did_you_mean(name, known)}", "parameter_name")


def _finding(part: Part, says: str, *inner: str | int) -> Finding:
    return finding((*_UNDER, *part.place, *inner), says)


def _short(number: float) -> str:
    return str(int(number)) if isinstance(number, float) and number.is_integer() else str(number)
