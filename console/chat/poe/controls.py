"""The controls that Poe shows beside the chat, as widgets. What they say becomes the parameters of a message."""

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from ...text import plain

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


@dataclass
class Controls:
    """Draws the controls of one bot, and gathers what is set in them."""

    bot: str
    values: dict[str, Any] = field(default_factory=dict)

    def show(self, sections: Iterable[dict[str, Any]]) -> dict[str, Any]:
        """The sections; gives the parameters by their names."""
        for number, section in enumerate(sections):
            is_open = not section.get("collapsed_by_default")
            with st.expander(plain(section.get("name") or "Options"), expanded=is_open, key=f"chat_section_{number}"):
                self._section(section)
        return {name: value for name, value in self.values.items() if value is not None}

    def _section(self, section: dict[str, Any]) -> None:
        tabs = section.get("tabs") or []
        if tabs:
            names = [plain(tab.get("name") or str(number)) for number, tab in enumerate(tabs, 1)]
            for tab, place in zip(tabs, st.tabs(names), strict=True):
                with place:
                    self._each(tab.get("controls") or ())
        self._each(section.get("controls") or ())

    def _each(self, controls: Iterable[dict[str, Any]]) -> None:
        for control in controls:
            kind = control.get("control")
            if kind == "divider":
                st.divider()
            elif kind == "condition":
                if self._is_met(control.get("condition") or {}):
                    self._each(control.get("controls") or ())
            elif (draw := _WIDGETS.get(str(kind))) and (name := control.get("parameter_name")):
                self.values[name] = draw(control, f"chat_poe_{self.bot}_{name}")

    def _is_met(self, condition: dict[str, Any]) -> bool:
        left, right = (self._side(condition.get(side) or {}) for side in ("left", "right"))
        try:
            return _COMPARE[condition["comparator"]](left, right)
        except (KeyError, TypeError):  # such as a text less than a number: Poe shows nothing then
            return False

    def _side(self, side: dict[str, Any]) -> Any:
        return self.values.get(side["parameter_name"]) if "parameter_name" in side else side.get("literal")


def _about(control: dict[str, Any]) -> dict[str, Any]:
    """What is the same for every widget."""
    help = plain(control["description"]) if control.get("description") else None
    return {"label": plain(control.get("label") or control["parameter_name"]), "help": help, "persist_state": "session"}


def _text_field(control: dict[str, Any], key: str) -> Any:
    start = control.get("default_value") or ""
    return st.text_input(value=start, placeholder=control.get("placeholder"), key=key, **_about(control))


def _text_area(control: dict[str, Any], key: str) -> Any:
    start = control.get("default_value") or ""
    return st.text_area(value=start, placeholder=control.get("placeholder"), key=key, **_about(control))


def _drop_down(control: dict[str, Any], key: str) -> Any:
    names = {option["value"]: option.get("name") or option["value"] for option in control.get("options") or ()}
    return _chosen(control, key, names)


def _aspect_ratio(control: dict[str, Any], key: str) -> Any:
    shapes = [f"{option['width']:g}:{option['height']:g}" for option in control.get("options") or ()]
    values = [option.get("value") or shape for option, shape in zip(control.get("options") or (), shapes, strict=True)]
    return _chosen(control, key, dict(zip(values, shapes, strict=True)))


def _chosen(control: dict[str, Any], key: str, names: dict[str, str]) -> Any:
    values = list(names)
    default = control.get("default_value")
    start = values.index(default) if default in values else None
    return st.selectbox(
        options=values, index=start, format_func=lambda value: names.get(value, value), key=key, **_about(control)
    )


def _toggle(control: dict[str, Any], key: str) -> Any:
    return st.toggle(value=bool(control.get("default_value")), key=key, **_about(control))


def _slider(control: dict[str, Any], key: str) -> Any:
    low, high, step = control["min_value"], control["max_value"], control["step"]
    default = control.get("default_value")
    start = low if default is None else default
    if not all(isinstance(number, int) for number in (low, high, step, start)):
        low, high, step, start = float(low), float(high), float(step), float(start)
    return st.slider(min_value=low, max_value=high, step=step, value=start, key=key, **_about(control))


_WIDGETS: dict[str, Callable[[dict[str, Any], str], Any]] = {
    "text_field": _text_field,
    "text_area": _text_area,
    "drop_down": _drop_down,
    "aspect_ratio": _aspect_ratio,
    "toggle_switch": _toggle,
    "slider": _slider,
}
