"""The answer to a plain question. It is asked once, and each check looks at one side of the answer."""

from collections.abc import Callable
from typing import Any

from .answer import Answer
from .check import Check, Severity, Skipped, expect
from .patient import Patient
from .probes import expect_status

_MOST_EVENTS = 10_000
_MOST_CHARACTERS = 512_000
_ERROR_TYPES = ("user_message_too_long", "insufficient_fund", "user_caused_error", "privacy_authorization_error")

Test = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _truth(value: Any) -> bool:
    return isinstance(value, bool)


def _optional(test: Test) -> Test:
    return lambda value: value is None or test(value)


_EVENTS: dict[str, dict[str, Test]] = {
    "meta": {
        "content_type": _optional(lambda value: value in ("text/markdown", "text/plain")),
        "suggested_replies": _optional(_truth),
        "linkify": _optional(_truth),
        "refetch_settings": _optional(_truth),
    },
    "text": {"text": _text},
    "replace_response": {"text": _text},
    "suggested_reply": {"text": _text},
    # An empty reference is shown as a broken one.
    "file": {"url": _text, "content_type": _text, "name": _text, "inline_ref": lambda value: value != ""},
    "data": {"metadata": _text},
    "json": {},
    "error": {
        "allow_retry": _optional(_truth),
        "text": _optional(_text),
        "raw_response": _optional(_text),
        "error_type": _optional(lambda value: value in _ERROR_TYPES),
    },
    "done": {},
}
"""The events that Poe knows, and what their fields should be."""


def _is_answered(answer: Answer, patient: Patient) -> None:
    expect_status({200}, answer.status)


def _is_an_event_stream(answer: Answer, patient: Patient) -> None:
    kind = answer.content_type
    expect(kind.split(";")[0].strip() == "text/event-stream", f"the content type is {kind or 'missing'}")


def _comes_soon(answer: Answer, patient: Patient) -> None:
    seconds = answer.seconds_to_first_event
    if seconds is None:
        raise Skipped("there is no event")
    expect(seconds <= patient.first_event_seconds, f"the first event came after {seconds:.1f} seconds")


def _is_well_formed(answer: Answer, patient: Patient) -> None:
    expect(not answer.violations, "; ".join(answer.violations[:3]))


def _has_known_events_only(answer: Answer, patient: Patient) -> None:
    unknown = ", ".join(f"`{name}`" for name in dict.fromkeys(answer.names) if name not in _EVENTS)
    expect(not unknown, f"there are unknown events: {unknown}")


def _has_fitting_data(answer: Answer, patient: Patient) -> None:
    for event in answer.events:
        for field, test in _EVENTS.get(event.name, {}).items():
            value = event.data.get(field)
            expect(test(value), f"`{field}` of a `{event.name}` event is {value!r:.80}")


def _opens_with_meta(answer: Answer, patient: Patient) -> None:
    late = [number for number, name in enumerate(answer.names) if name == "meta" and number > 0]
    expect(not late, f"a `meta` event is event number {(late or [0])[0] + 1}")


def _says_something(answer: Answer, patient: Patient) -> None:
    said = [event for event in answer.events if event.name in ("text", "replace_response") and event.data.get("text")]
    expect(bool(said) or "error" in answer.names, "it has neither text nor an error")


def _is_done_once(answer: Answer, patient: Patient) -> None:
    count = answer.names.count("done")
    expect(count == 1, f"there are {count} `done` events")
    expect(answer.names[-1] == "done", f"after `done` there is `{answer.names[-1]}`")


def _ends_with_its_error(answer: Answer, patient: Patient) -> None:
    if "error" not in answer.names:
        raise Skipped("there is no error")
    after = answer.names[answer.names.index("error") + 1 :]
    expect(after == ["done"], f"after `error` there is {', '.join(after) or 'nothing'}")


def _stays_below_the_limits(answer: Answer, patient: Patient) -> None:
    words = sum(len(event.data["text"]) for event in answer.events if _text(event.data.get("text")))
    expect(len(answer.events) <= _MOST_EVENTS, f"it has {len(answer.events)} events")
    expect(words <= _MOST_CHARACTERS, f"it has {words} characters")


def _check(
    name: str, rule: str, look: Callable[[Answer, Patient], None], severity: Severity = "fail", *, of_any: bool = False
) -> Check:
    async def run(patient: Patient) -> None:
        answer = await patient.plain_answer()
        if answer.status != 200 and not of_any:
            raise Skipped("there is no answer")
        look(answer, patient)

    return Check(name, rule, run, severity)


ANSWER_CHECKS = (
    _check("answer", "A query is answered with 200.", _is_answered, of_any=True),
    _check("answer-content-type", "An answer is text/event-stream.", _is_an_event_stream),
    _check("answer-first-event", "The first event comes within 5 seconds.", _comes_soon),
    _check("answer-frames", "Every event has a name and, as its data, a JSON object.", _is_well_formed),
    _check("answer-events", "There are only events that Poe knows.", _has_known_events_only),
    _check("answer-data", "The fields of every event are of the right kind.", _has_fitting_data),
    _check("answer-meta", "`meta` is the first event where there is one, and there is only one.", _opens_with_meta),
    _check("answer-text", "There is at least one `text` or `error` event.", _says_something),
    _check("answer-done", "There is exactly one `done` event, and it is the last.", _is_done_once),
    _check("answer-error", "After an `error` event comes nothing but `done`.", _ends_with_its_error),
    _check("answer-limits", "An answer has at most 10,000 events and 512,000 characters.", _stays_below_the_limits),
)
