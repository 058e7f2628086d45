"""An entry becomes a spec, or findings that point at its lines."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from utils.problems import Problem, did_you_mean

from .yaml_file import Entry, with_variables

Spec = TypeVar("Spec", bound=BaseModel)

_WORDING: Mapping[str, Callable[[Any], str]] = {
    "missing": lambda error: "is missing",
    "string_type": lambda error: "should be text; put it in quotes",
    "float_parsing": lambda error: "should be a number",
    "int_parsing": lambda error: "should be a whole number",
    "list_type": lambda error: "should be a list",
    "tuple_type": lambda error: "should be a list",
    "dict_type": lambda error: "should be a mapping",
    "mapping_type": lambda error: "should be a mapping",
    "bool_parsing": lambda error: "should be true or false",
    "literal_error": lambda error: f"should be {error['ctx']['expected']}",
    "value_error": lambda error: str(error["ctx"]["error"]),
}


def check(
    entry: Entry, spec: type[Spec], kind: str, name_key: str, environ: Mapping[str, str]
) -> tuple[Spec | None, list[Problem]]:
    """The entry as a spec, or None and every reason why not. No value is repeated in a message: it may be a key."""
    label = f"{kind} `{entry.data.get(name_key)}`" if entry.data.get(name_key) else f"a {kind} without `{name_key}`"
    problems = [
        entry.problem(f"{label}: `{name}` stands here twice; keep one of them.", name) for name in entry.data.repeated
    ]
    missing: set[str] = set()
    data = with_variables(entry.data, environ, missing)
    problems += (
        []
        if entry.data.get("enabled") is False
        else [
            Problem(f"{label}: the environment variable {name} is not set.", entry.file, _line_using(entry, name))
            for name in sorted(missing)
        ]
    )
    if problems:
        return None, problems
    try:
        return spec.model_validate(data), []
    except ValidationError as exc:
        return None, [_problem(error, entry, spec, label) for error in exc.errors(include_input=False)]


def _problem(error: Any, entry: Entry, spec: type[BaseModel], label: str) -> Problem:
    location = tuple(error["loc"])
    if error["type"] == "extra_forbidden":
        unknown = str(location[-1])
        hint = did_you_mean(unknown, _keys_at(spec, location[:-1]))
        return entry.problem(f"{label}: `{unknown}` is not a known key.{hint}", *location)
    wording = _WORDING.get(error["type"], lambda error: _lower_first(error["msg"].removeprefix("Value error, ")))
    place = ".".join(str(step) for step in location if isinstance(step, int) or not step.startswith("function-"))
    subject = f"`{place}` " if place and error["type"] != "value_error" else f"`{place}`: " if place else ""
    return entry.problem(f"{label}: {subject}{wording(error).rstrip('.')}.", *location)


def _keys_at(spec: type[BaseModel], location: tuple[str | int, ...]) -> Iterable[str]:
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


def _line_using(entry: Entry, variable: str) -> int:
    for key, value in entry.data.items():
        if f"${{{variable}" in str(value):
            return entry.line_of((key,))
    return entry.line


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
