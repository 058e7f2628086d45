"""What errors say. This comes last: everything that was refused before is looked at once more."""

import re

from .check import Check, expect
from .patient import Patient

_INSIDES = re.compile(
    r"Traceback \(most recent call last\)"
    r"|\b\w*(?:Error|Exception)\('?"
    r"|File \"[^\"]+\", line \d+"
    r"|<[\w.]+(?: \w+)* at 0x[0-9a-f]+>"
)
_AROUND = 30


async def _errors_keep_the_insides_in(patient: Patient) -> None:
    await patient.ask(query=[])
    await patient.send(b"{")
    for said in patient.refusals:
        found = _INSIDES.search(said)
        if found:
            start, end = max(0, found.start() - _AROUND), found.end() + _AROUND
            expect(False, f"an error says: {' '.join(said[start:end].split())}")


ERROR_CHECKS = (
    Check(
        "error-texts",
        "Errors are in plain words: no traceback, no exception of the program.",
        _errors_keep_the_insides_in,
    ),
)
