"""Poe's controls taken apart: sections, tabs, controls and conditions, each with its place and its type."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, get_args

from fastapi_poe import types
from pydantic import BaseModel

from .findings import Place

Kind = type[BaseModel]


def _by_name(union: Any) -> Mapping[str, Kind]:
    return {kind.model_fields["control"].default: kind for kind in get_args(union)}


KINDS = _by_name(types.FullControls)
"""Every kind of control by the name that Poe gives it."""
KINDS_IN_A_CONDITION = _by_name(types.BaseControl)


class Part(NamedTuple):
    """One mapping of the tree, or what stands in its place. Without a kind when Poe has none for it."""

    place: Place
    data: Any
    kind: Kind | None

    @property
    def parameter_name(self) -> str | None:
        """The parameter that it sets, if it is a control that sets one."""
        sets_one = self.kind in KINDS.values() and isinstance(self.data, Mapping)
        name = self.data.get("parameter_name") if sets_one else None
        return name if isinstance(name, str) else None


def parts(controls: Mapping[str, Any]) -> Iterator[Part]:
    """The whole and all that is inside it, in the order in which it stands there."""
    return _parts(Part((), controls, types.ParameterControls))


def _control(data: Any) -> Kind | None:
    return KINDS.get(str(data.get("control"))) if isinstance(data, Mapping) else None


def _control_in_a_condition(data: Any) -> Kind | None:
    return KINDS_IN_A_CONDITION.get(str(data.get("control"))) if isinstance(data, Mapping) else None


def _side(data: Any) -> Kind | None:
    if not isinstance(data, Mapping):
        return None
    return next((kind for kind in (types.ParameterValue, types.LiteralValue) if data.keys() & kind.model_fields), None)


_INSIDE: Mapping[Kind, Mapping[str, Callable[[Any], Kind | None]]] = {
    types.ParameterControls: {"sections": lambda _: types.Section},
    types.Section: {"controls": _control, "tabs": lambda _: types.Tab},
    types.Tab: {"controls": _control},
    types.ConditionallyRenderControls: {
        "condition": lambda _: types.ComparatorCondition,
        "controls": _control_in_a_condition,
    },
    types.ComparatorCondition: {"left": _side, "right": _side},
}
"""Which keys hold further parts, and of which kind each of these is."""
_STAND_INS: Mapping[str, Any] = {
    "left": {"literal": ""},
    "right": {"literal": ""},
    "condition": {"comparator": "eq", "left": {"literal": ""}, "right": {"literal": ""}},
}


def alone(part: Part) -> dict[str, Any]:
    """The data of the part without the parts inside it, which are looked at by themselves."""
    return {**part.data, **{key: _STAND_INS.get(key, []) for key, _, _ in _inner(part)}}


def empty_lists(part: Part) -> list[str]:
    """The keys of the part under which a list of further parts stands, with nothing in it."""
    return [key for key, value, _ in _inner(part) if key not in _STAND_INS and not value]


def _parts(part: Part) -> Iterator[Part]:
    yield part
    for key, value, kind_of in _inner(part):
        if key in _STAND_INS:
            yield from _parts(Part((*part.place, key), value, kind_of(value)))
            continue
        for at, element in enumerate(value):
            yield from _parts(Part((*part.place, key, at), element, kind_of(element)))


def _inner(part: Part) -> Iterator[tuple[str, Any, Callable[[Any], Kind | None]]]:
    """The keys that hold further parts, as far as they are there and are what holds some."""
    if part.kind is None or not isinstance(part.data, Mapping):
        return
    for key, kind_of in _INSIDE.get(part.kind, {}).items():
        if key in part.data and (key in _STAND_INS or isinstance(part.data[key], list)):
            yield key, part.data[key], kind_of
