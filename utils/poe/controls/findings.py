"""What Poe's own types say against a mapping, in words for the owner, each with its place for the line in the file."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from utils.problems import did_you_mean, nearest

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
    "invalid_key": "should be text; put it in quotes",
}
_UNION_BRANCHES: Mapping[str | int, str] = {"int": "number", "float": "number", "str": "text", "bool": "switch"}
_COMPARATORS: Mapping[str, str] = {
    **dict.fromkeys(("=", "==", "===", "equals", "equal", "is"), "eq"),
    **dict.fromkeys(("!=", "<>", "not_equals", "not_equal", "neq"), "ne"),
    **dict.fromkeys((">", "greater", "greater_than"), "gt"),
    **dict.fromkeys((">=", "gte"), "ge"),
    **dict.fromkeys(("<", "less", "less_than"), "lt"),
    **dict.fromkeys(("<=", "lte"), "le"),
}
"""What other languages, and Poe's own documentation, call them."""


def type_findings(
    model: type[BaseModel], data: Mapping[str, Any], place: Place = (), *, keys: Collection[str] = ()
) -> Iterator[Finding]:
    """Every mistake that the type finds in the data, one for each place below `place`; `keys` are those to suggest."""
    try:
        model.model_validate(dict(data))
    except ValidationError as exc:
        by_place: dict[Place, list[Any]] = {}
        for error in exc.errors():
            by_place.setdefault(_place_in(data, error["loc"]), []).append(error)
        known = {inner: _keys_at(model, inner, keys) for inner in by_place}
        mistyped = {
            (*inner[:-1], nearest(str(inner[-1]), known[inner]))
            for inner, errors in by_place.items()
            if errors[0]["type"] == "extra_forbidden"
        }
        for inner, errors in by_place.items():
            # Who wrote `lable` for `label` needs no second message that `label` is missing.
            if errors[0]["type"] != "missing" or inner not in mistyped:
                yield _sentence(errors, (*place, *inner), known[inner])


def finding(place: Place, says: str) -> Finding:
    """The sentence with the setting named in front, and its place."""
    return f"Poe's setting `{_dotted(place)}` {says}", place


def hint(given: Any, right: Collection[str], other_words: Mapping[str, str]) -> str:
    """` Did you mean …?` with the right word for what was given, or nothing when none is near."""
    word = str(given).strip().lower()
    return f" Did you mean `{other_words[word]}`?" if word in other_words else did_you_mean(word, right)


def _sentence(errors: list[Any], place: Place, keys: Collection[str]) -> Finding:
    error = errors[0]
    if error["type"] == "extra_forbidden":
        return f"Poe has no setting `{_dotted(place)}`.{did_you_mean(str(place[-1]), keys)}", place
    if error["type"] == "literal_error":
        return finding(place, _one_of(error["input"], error["ctx"]["expected"]))
    if len(errors) > 1:
        # Each type that would have been right complains for itself.
        wanted = {_UNION_BRANCHES.get(each["loc"][-1]) for each in errors}
        return finding(
            place, "should be a number." if wanted == {"number"} else "should be text, a number, true or false."
        )
    said = error["msg"].removeprefix("Input ")
    return finding(place, f"{_WORDING.get(error['type'], f'{said[:1].lower()}{said[1:]}')}.")


def _one_of(given: Any, expected: str) -> str:
    if repr(str(given)) == expected:
        return f"should be {expected}, in quotes."
    words = expected.replace(" or ", ", ").replace("'", "").split(", ")
    return f"should be {expected}.{hint(given, words, _COMPARATORS)}"


def _place_in(data: Any, location: Place) -> Place:
    """The location without what pydantic adds to it: which branch of a union it tried."""
    place: Place = ()
    for step in location:
        if not isinstance(data, Mapping | list) or (step in _UNION_BRANCHES and step not in data):
            break
        place = (*place, step)
        try:
            data = data[step]  # type: ignore[index]  # a list, or a mapping, takes what pydantic went by
        except LookupError:
            data = None
    return place


def _keys_at(model: type[BaseModel], place: Place, keys: Collection[str]) -> Collection[str]:
    """What may stand beside the last step: keys of the mapping itself, or of an element of one of its lists."""
    if len(place) <= 1:
        return keys or model.model_fields
    field = model.model_fields.get(str(place[0]))
    elements = getattr(field.annotation if field else None, "__args__", ())
    return next((element.model_fields for element in elements if hasattr(element, "model_fields")), ())


def _dotted(place: Place) -> str:
    return ".".join(str(step) for step in place)
