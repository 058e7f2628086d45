"""Questions that many checks have in common, and what is expected of every answer."""

from collections.abc import Awaitable, Callable, Container, Mapping
from typing import Any

from .answer import Answer
from .check import Skipped, expect
from .patient import Message, Patient

Probe = Callable[[Patient], Awaitable[None]]

SUCCESS = range(200, 300)


def answers_with(allowed: Container[int], *bodies: bytes) -> Probe:
    """Whether each of these bodies is answered with an allowed status."""

    async def probe(patient: Patient) -> None:
        for body in bodies:
            expect_status(allowed, (await patient.send(body)).status_code)

    return probe


def takes(body: Mapping[str, Any]) -> Probe:
    """Whether a request of Poe's that is no query is taken."""

    async def probe(patient: Patient) -> None:
        expect_status(SUCCESS, (await patient.tell(**body)).status_code)

    return probe


def answers(*messages: Message, **fields: Any) -> Probe:
    """Whether this conversation is answered as well as a plain question is."""

    async def probe(patient: Patient) -> None:
        await expect_to_be_answered(patient)
        await expect_a_good_answer(await patient.ask(*messages, **fields), patient)

    return probe


def expect_status(allowed: Container[int], status: int) -> None:
    """The status is one of these."""
    expect(status in allowed, f"it answered {status}")


async def expect_to_be_answered(patient: Patient) -> None:
    """A plain question is answered; where it is not, asking more says nothing new."""
    if (await patient.plain_answer()).status != 200:
        raise Skipped("a plain question is not answered either")


async def expect_a_good_answer(answer: Answer, patient: Patient) -> None:
    """It came whole, and without an error unless a plain question gets one too."""
    expect_status({200}, answer.status)
    expect(not answer.violations, "; ".join(answer.violations[:1]))
    expect(bool(answer.text or answer.errors), "the answer has neither text nor an error")
    expect(answer.names[-1:] == ["done"], f"the last event is `{(answer.names or ['none'])[-1]}` instead of `done`")
    if answer.errors:
        plain = await patient.plain_answer()
        expect(bool(plain.errors), f"it answered with an error, unlike to a plain question: {answer.errors[0]}")
