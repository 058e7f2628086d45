"""What Poe's own types say against a mapping, in words for the owner, each with its place for the line in the file."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from utils.problems import did_you_mean

Place = tuple[str | int, ...]
Finding = tuple[str, Place]

_WORDING: Mapping[str, str] = {
    "missing": "is missing",
    "string_type": "should be text; put it in quotes",
    "bool_type": "should be true or false",
    "bool_parsing": "should be true or false",
    "int_type": "should be a whole number",
    "int_parsing": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_type": "should be a number",
    "float_parsing": "should be a number",
    "list_type": "should be a list",
    "dict_type": "should be a mapping",
    "model_type": "should be a mapping",
    "invalid_key": "should have a name that is text",
}
_OTHER_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("=", "==", "===", "equals", "equal", "is"), "eq"),
    **dict.fromkeys(("!=", "<>", "not_equals", "not_equal", "neq"), "ne"),
    **dict.fromkeys((">", "greater", "greater_than"), "gt"),
    **dict.fromkeys((">=", "gte"), "ge"),
    **dict.fromkeys(("<", "less", "less_than"), "lt"),
    **dict.fromkeys(("<=", "lte"), "le"),
}
"""What other languages call Poe's comparators."""


def type_findings(
    model: type[BaseModel], data: Mapping[str, Any], place: Place = (), *, under: str, known: Collection[str] = ()
) -> Iterator[Finding]:
    """Every mistake that the type finds in the data, one for each place. `known` are the keys to suggest."""
    try:
        model.model_validate(dict(data))
    except ValidationError as exc:
        # For a number pydantic complains twice, as a whole one and as any; the second is the one to tell.
        errors = {_place_in(data, error["loc"]): error for error in exc.errors()}
        for inner, error in errors.items():
            whole = (*place, *inner)
            keys = known or model.model_fields if len(inner) == 1 else _keys_of_lists(model, inner)
            yield f"`{dotted(under, whole)}` {_wording(error, keys)}", whole


def dotted(under: str, place: Place) -> str:
    """The place as one name, such as `parameter_controls.sections.0.name`."""
    return ".".join(str(step) for step in (under, *place))


def instead(given: Any, right: Collection[str], other_words: Mapping[str, str] = _OTHER_WORDS) -> str:
    """` Did you mean …?` with the right word for what was given, or nothing when none is near."""
    word = str(given).strip().lower()
    return f" Did you mean `{other_words[word]}`?" if word in other_words else did_you_mean(word, right)


def _wording(error: Any, keys: Collection[str]) -> str:
    if error["type"] == "extra_forbidden":
        return f"is not a key that Poe knows.{did_you_mean(str(error['loc'][-1]), keys)}"
    if error["type"] == "literal_error":
        return _one_of(error["input"], error["ctx"]["expected"])
    said = error["msg"].removeprefix("Input ").rstrip(".")
    return f"{_WORDING.get(error['type'], f'{said[:1].lower()}{said[1:]}')}."


def _one_of(given: Any, expected: str) -> str:
    if repr(str(given)) == expected:
        return f"should be {expected}, in quotes."
    words = expected.replace(" or ", ", ").replace("'", "").split(", ")
    return f"should be {expected}.{instead(given, words)}"


def _place_in(data: Any, location: Place) -> Place:
    """The location without what pydantic adds to it: the name of the branch of a union that it tried."""
    place: Place = ()
    for step in location:
        if not isinstance(data, Mapping | list):
            break
        place = (*place, step)
        data = _inside(data, step)
    return place


def _inside(data: Any, step: str | int) -> Any:
    try:
        return data[step]
    except LookupError:
        return None
    except TypeError:  # a list has no named parts
        return None


def _keys_of_lists(model: type[BaseModel], place: Place) -> Collection[str]:
    """What an element of the list at the beginning of the place may hold, such as an option of a drop-down."""
    field = model.model_fields.get(str(place[0]))
    elements = getattr(field.annotation if field else None, "__args__", ())
    return next((part.model_fields for part in elements if hasattr(part, "model_fields")), ())
