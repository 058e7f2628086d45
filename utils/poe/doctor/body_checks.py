"""What stands in the body of a request, and what does not belong there."""

import json
from typing import Any

from .check import Check, expect
from .patient import Patient, query
from .probes import SUCCESS, answers, answers_with, expect_status, expect_to_be_answered

_SETTINGS = b'{"version": "1.2", "type": "settings"}'
_MEGABYTE = 1024 * 1024


def _bytes(body: Any) -> bytes:
    return json.dumps(body).encode()


async def _answers_an_empty_query(patient: Patient) -> None:
    await expect_to_be_answered(patient)
    response = await patient.send(_bytes({**query(), "query": []}))
    expect_status(range(200, 500), response.status_code)
    if response.status_code == 200:
        expect(b"event: error" in response.content, "it answers 200, but without an `error` event")


async def _takes_a_slash_at_the_end(patient: Patient) -> None:
    expect_status(SUCCESS, (await patient.send(_SETTINGS, url=f"{patient.url.rstrip('/')}/")).status_code)


async def _bears_a_visitor(patient: Patient) -> None:
    expect_status(range(200, 500), (await patient.send(b"", method="GET")).status_code)


BODY_CHECKS = (
    Check("bad-json", "A body that is no JSON is answered with 400.", answers_with({400}, b'{"type": "query', b"")),
    Check("array-body", "A body that is no JSON object is answered with 400.", answers_with({400}, b"[]", b'"query"')),
    Check("missing-type", "A body without a `type` is answered with 400.", answers_with({400}, b'{"version": "1.2"}')),
    Check(
        "unknown-type",
        "An unknown type of request is answered with 501.",
        answers_with({501}, b'{"version": "1.2", "type": "from_the_future"}'),
    ),
    Check("empty-query", "A query without messages is answered with an error, not with 5xx.", _answers_an_empty_query),
    Check("unknown-fields", "Unknown fields are ignored.", answers(from_the_future={"a": [1, None]}, another=None)),
    Check(
        "empty-ids",
        "Identifiers may be empty, as they are when one bot asks another.",
        answers(user_id="", conversation_id="", message_id="", metadata=""),
    ),
    Check("large-body", "A body of 1 MB is read.", answers(padding="x" * _MEGABYTE)),
    Check(
        "trailing-slash",
        "The address also works with a slash at its end.",
        _takes_a_slash_at_the_end,
        severity="warning",
    ),
    Check("get", "A GET is answered with something other than 5xx.", _bears_a_visitor),
)
