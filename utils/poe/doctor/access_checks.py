"""Who is let in."""

from .check import Check, expect
from .patient import Patient
from .probes import SUCCESS, expect_status

_SETTINGS = b'{"version": "1.2", "type": "settings"}'
_NOT_LET_IN = {
    401: "it wants an access key, or another one (401): give it with --key",
    403: "it wants an access key, or another one (403): give it with --key",
    404: "there is no bot at this address (404)",
    405: "there is something at this address, but no bot (405)",
}


async def _lets_poe_in(patient: Patient) -> None:
    status = (await patient.send(_SETTINGS)).status_code
    expect(status not in _NOT_LET_IN, _NOT_LET_IN.get(status, ""))
    expect(status not in range(300, 400), f"it leads elsewhere ({status}); Poe does not follow")


async def _refuses_a_wrong_key(patient: Patient) -> None:
    wrong = ("x" if patient.key != "x" * 32 else "y") * 32
    expect_status({401}, (await patient.send(_SETTINGS, authorization=f"Bearer {wrong}")).status_code)


async def _refuses_no_key(patient: Patient) -> None:
    expect_status({401, 403}, (await patient.send(_SETTINGS, authorization="")).status_code)


async def _reads_bearer_in_lower_case(patient: Patient) -> None:
    expect_status(SUCCESS, (await patient.send(_SETTINGS, authorization=f"bearer {patient.key}")).status_code)


ACCESS_CHECKS = (
    Check("lets-poe-in", "A request with the bot's access key is let in.", _lets_poe_in),
    Check("wrong-key", "A wrong access key is answered with 401.", _refuses_a_wrong_key, needs_key=True),
    Check("no-key", "A request without an access key is answered with 401 or 403.", _refuses_no_key, needs_key=True),
    Check(
        "bearer-in-lower-case",
        "The word `bearer` may be in lower case, as names of schemes may be.",
        _reads_bearer_in_lower_case,
        severity="warning",
        needs_key=True,
    ),
)
