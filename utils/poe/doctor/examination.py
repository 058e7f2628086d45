"""The checks one after the other, and what each found."""

import asyncio
from collections.abc import AsyncGenerator, Iterable

import httpx

from .check import Check, Result, Skipped, Verdict, Violation
from .patient import Patient

_NOT_LET_IN = "the bot did not let us in"
_NO_KEY = "needs the bot's access key"


async def examine(patient: Patient, checks: Iterable[Check]) -> AsyncGenerator[Result, None]:
    """One result for each check, as it comes. When the first check fails, the others cannot be tried."""
    first, *others = checks
    result = await _result(first, patient)
    yield result
    for check in others:
        if result.verdict == "fail":
            yield Result(check.name, check.rule, "skipped", _NOT_LET_IN)
        else:
            yield await _result(check, patient)


async def _result(check: Check, patient: Patient) -> Result:
    verdict, detail = await _tried(check, patient)
    return Result(check.name, check.rule, verdict, patient.shown(detail))


async def _tried(check: Check, patient: Patient) -> tuple[Verdict, str]:
    if check.needs_key and patient.key is None:
        return "skipped", _NO_KEY
    try:
        async with asyncio.timeout(patient.timeout_seconds):
            await check.run(patient)
    except Skipped as exc:
        return "skipped", str(exc)
    except Violation as exc:
        return check.severity, str(exc)
    except TimeoutError:
        return check.severity, f"it was not over after {patient.timeout_seconds:g} seconds"
    except httpx.HTTPError as exc:
        # Its own words may hold the headers of the request.
        return check.severity, f"the connection failed ({type(exc).__name__})"
    return "pass", ""
