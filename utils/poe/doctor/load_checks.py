"""Several at once, and those who leave early."""

import asyncio

from .check import Check
from .patient import Patient, message
from .probes import expect_a_good_answer, expect_to_be_answered

_AT_ONCE = 8


async def _answers_several_at_once(patient: Patient) -> None:
    await expect_to_be_answered(patient)
    questions = (patient.ask(message(f"Please say the number {number}.")) for number in range(_AT_ONCE))
    for answer in await asyncio.gather(*questions):
        await expect_a_good_answer(answer, patient)


async def _goes_on_when_somebody_leaves(patient: Patient) -> None:
    await expect_to_be_answered(patient)
    await patient.leave_in_the_middle()
    await expect_a_good_answer(await patient.ask(), patient)


LOAD_CHECKS = (
    Check("several-at-once", "Eight questions at once are all answered.", _answers_several_at_once),
    Check(
        "disconnect",
        "When somebody hangs up in the middle of an answer, the next question is answered.",
        _goes_on_when_somebody_leaves,
    ),
)
