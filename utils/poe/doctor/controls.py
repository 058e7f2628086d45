"""The rules for controls that Poe's types do not hold, but Poe does."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_NAME = re.compile(r"(?!poe_)[A-Za-z0-9_]+")


def wrong_controls(controls: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with controls that fit Poe's types, each as a sentence."""
    sections = controls.get("sections") or ()
    if not sections:
        yield "there is no section in it"
    for number, section in enumerate(sections, start=1):
        if (section.get("controls") is None) == (section.get("tabs") is None):
            yield f"section {number} should have either `controls` or `tabs`"
    defaults: dict[str, Any] = {}
    for control in _controls_in(controls):
        name = control.get("parameter_name")
        if name is None:
            continue
        default = control.get("default_value")
        if not _NAME.fullmatch(name):
            yield f"the name `{name}` should be of letters, digits and `_`, and not begin with `poe_`"
        if defaults.setdefault(name, default) != default:
            yield f"the name `{name}` stands there twice with different defaults"
        yield from _wrong_default(control, default)


def _wrong_default(control: Mapping[str, Any], default: Any) -> Iterator[str]:
    if default is None:
        return
    name, kind = control["parameter_name"], control.get("control")
    if kind == "drop_down" and default not in [option["value"] for option in control["options"]]:
        yield f"the default of `{name}` is none of its options"
    if kind == "slider" and not control["min_value"] <= default <= control["max_value"]:
        yield f"the default of `{name}` is out of its range"


def _controls_in(part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in ("sections", "tabs", "controls"):
        for inner in part.get(name) or ():
            if name == "controls":
                yield inner
            yield from _controls_in(inner)
