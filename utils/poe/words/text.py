"""The name of everything that a person in the chat may read from the server itself."""

from enum import StrEnum


class Text(StrEnum):
    """One row of the table; what stands there in each language is said by `say`."""

    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    BROKEN_STREAM = "broken_stream"
    EMPTY_ANSWER = "empty_answer"
    NOT_A_STREAM = "not_a_stream"
    KEY_MISSING = "key_missing"
    KEY_REFUSED = "key_refused"
    QUOTA_EXHAUSTED = "quota_exhausted"
    MODEL_NOT_FOUND = "model_not_found"
    CONTEXT_TOO_LONG = "context_too_long"
    CONTENT_REFUSED = "content_refused"
    REQUEST_REJECTED = "request_rejected"
    PROVIDER_FAILURE = "provider_failure"

    UNEXPECTED = "unexpected"
    SHUTTING_DOWN = "shutting_down"
    TOO_MANY_QUESTIONS = "too_many_questions"
    BUDGET_SPENT = "budget_spent"
    BUDGET_UNKNOWN = "budget_unknown"
    NOTHING_ASKED = "nothing_asked"
    CANNOT_CHARGE = "cannot_charge"
    NOT_ENOUGH_POINTS = "not_enough_points"
    WITH_REFERENCE = "with_reference"
    """Frames any of the sentences above."""

    THINKING = "thinking"
    STILL_WORKING = "still_working"
    ANSWER_TOO_LONG = "answer_too_long"
    TIME_IS_UP = "time_is_up"
    PICTURE_NOT_SHOWN = "picture_not_shown"
