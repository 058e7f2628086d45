"""What the bot says of itself."""

import json
from typing import Any

from ..settings_response import wrong_settings
from .check import Check, Skipped, expect
from .controls import wrong_controls
from .patient import Patient
from .probes import expect_status


async def _answers_with_json(patient: Patient) -> None:
    response = await patient.tell(type="settings")
    expect_status({200}, response.status_code)
    kind = response.headers.get("content-type", "nothing")
    expect(kind.startswith("application/json"), f"the content type is {kind}")
    expect(isinstance(_object(response.content), dict), "the body is no JSON object")


async def _has_response_version_2(patient: Patient) -> None:
    version = (await _settings(patient)).get("response_version", "missing")
    expect(version == 2, f"`response_version` is {version}: Poe takes other defaults then, and no controls")


async def _says_only_what_poe_knows(patient: Patient) -> None:
    findings = [sentence for sentence, _ in wrong_settings(await _settings(patient))]
    expect(not findings, " ".join(findings))


async def _has_valid_controls(patient: Patient) -> None:
    settings = await _settings(patient)
    controls = settings.get("parameter_controls")
    if controls is None:
        raise Skipped("it has no controls")
    findings = [sentence for sentence, place in wrong_settings(settings) if place[:1] == ("parameter_controls",)]
    findings = findings or list(wrong_controls(controls))
    expect(not findings, "; ".join(findings))


async def _settings(patient: Patient) -> dict[str, Any]:
    settings = _object((await patient.tell(type="settings")).content)
    if not isinstance(settings, dict):
        raise Skipped("it does not tell its settings")
    return settings


def _object(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


SETTINGS_CHECKS = (
    Check("settings", "A `settings` request is answered with 200 and a JSON object.", _answers_with_json),
    Check("settings-version", "The settings have `response_version` 2.", _has_response_version_2),
    Check(
        "settings-known",
        "The settings are only those that Poe knows; it drops what it does not understand.",
        _says_only_what_poe_knows,
    ),
    Check("settings-controls", "`parameter_controls` follow Poe's grammar.", _has_valid_controls),
)
