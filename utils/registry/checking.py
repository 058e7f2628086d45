"""An entry becomes a spec, or findings that point at its lines."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from utils.problems import Problem, did_you_mean, nearest

from .spec import FORMS
from .yaml_file import Entry, Location, with_variables

Spec = TypeVar("Spec", bound=BaseModel)

_WORDING: Mapping[str, Callable[[Any], str]] = {
    "missing": lambda error: "is missing",
    "string_type": lambda error: "should be text; put it in quotes",
    "string_pattern_mismatch": lambda error: FORMS[error["ctx"]["pattern"]],
    "float_type": lambda error: "should be a number",
    "float_parsing": lambda error: "should be a number",
    "int_type": lambda error: "should be a whole number",
    "int_parsing": lambda error: "should be a whole number",
    "int_from_float": lambda error: "should be a whole number",
    "decimal_type": lambda error: "should be a number",
    "decimal_parsing": lambda error: "should be a number",
    "list_type": lambda error: "should be a list",
    "tuple_type": lambda error: "should be a list",
    "dict_type": lambda error: "should be a mapping",
    "mapping_type": lambda error: "should be a mapping",
    "model_type": lambda error: "should be a mapping",
    "bool_type": lambda error: "should be true or false",
    "bool_parsing": lambda error: "should be true or false",
    "literal_error": lambda error: f"should be {error['ctx']['expected']}",
    "value_error": lambda error: str(error["ctx"]["error"]),
}
_PYDANTICS_SUBJECT = re.compile(r"^(?:Input|String|Value|Tuple|Decimal input) (?=should)")
_SWITCH: TypeAdapter[bool] = TypeAdapter(bool)


def check(
    entry: Entry, spec: type[Spec], kind: str, name_key: str, environ: Mapping[str, str]
) -> tuple[Spec | None, list[Problem]]:
    """The entry as a spec, or None and every reason why not. No value is repeated in a message: it may be a key."""
    name = entry.data.get(name_key)
    label = f"{kind} `{name}`" if isinstance(name, str | int) and name != "" else f"a {kind} without `{name_key}`"
    missing: list[tuple[str, Location]] = []
    data = with_variables(entry.data, environ, missing)
    if _is_switched_off(data.get("enabled")):
        wanting = {location[0] for _, location in missing}
        data, missing = {key: value for key, value in data.items() if key not in wanting}, []
    if problems := [*_repeated(entry, label), *_not_set(entry, label, missing)]:
        return None, problems
    try:
        return spec.model_validate(data), []
    except ValidationError as exc:
        return None, list(_problems_of(exc.errors(include_input=False), entry, spec, label))


def _is_switched_off(enabled: Any) -> bool:
    try:
        return not _SWITCH.validate_python(enabled)
    except ValidationError:
        return False


def _repeated(entry: Entry, label: str) -> Iterable[Problem]:
    # One mapping may stand in several places of the entry, by an anchor.
    return dict.fromkeys(
        entry.problem(f"{label}: `{location[-1]}` stands here twice; keep one of them.", *location)
        for location in entry.repetitions()
    )


def _not_set(entry: Entry, label: str, missing: list[tuple[str, Location]]) -> Iterator[Problem]:
    first_places = dict(reversed(missing))
    for name in sorted(first_places):
        yield entry.problem(f"{label}: the environment variable {name} is not set.", *first_places[name])


def _problems_of(errors: Iterable[Any], entry: Entry, spec: type[BaseModel], label: str) -> Iterator[Problem]:
    errors = list(errors)
    mistyped = {
        (*location[:-1], nearest(str(location[-1]), _keys_at(spec, location[:-1])))
        for location in (error["loc"] for error in errors if error["type"] == "extra_forbidden")
    }
    told: set[Location] = set()
    for error in errors:
        location = _without_branches(error["loc"])
        if location != error["loc"] and location[:1] in told:
            continue  # a value that may be of several kinds is complained of once, not once for each kind
        told.add(location[:1])
        # Who wrote `modle` for `model` needs no second message that `model` is missing.
        if error["type"] != "missing" or error["loc"] not in mistyped:
            yield _problem(error, entry, spec, label)


def _problem(error: Any, entry: Entry, spec: type[BaseModel], label: str) -> Problem:
    if error["type"] == "extra_forbidden":
        *around, unknown = error["loc"]
        hint = did_you_mean(str(unknown), _keys_at(spec, tuple(around)))
        return entry.problem(f"{label}: `{unknown}` is not a known key.{hint}", *error["loc"])
    location = _without_branches(error["loc"])
    wording = _WORDING.get(error["type"], lambda error: _lower_first(_PYDANTICS_SUBJECT.sub("", error["msg"])))
    place = ".".join(str(step) for step in location)
    subject = f"`{place}` " if place and error["type"] != "value_error" else f"`{place}`: " if place else ""
    return entry.problem(f"{label}: {subject}{wording(error).rstrip('.')}.", *location)


def _without_branches(location: Location) -> Location:
    """The place without the kinds, such as `tuple[str, ...]`, that pydantic has tried there."""
    return tuple(step for step in location if not (isinstance(step, str) and "[" in step))


def _keys_at(spec: type[BaseModel], location: Location) -> Iterable[str]:
    model: Any = spec
    for step in location:
        if isinstance(step, str) and isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(step)
            model = next((part for part in _models_in(field.annotation if field else None)), None)
    return model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else ()


def _models_in(annotation: Any) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models_in(part)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
