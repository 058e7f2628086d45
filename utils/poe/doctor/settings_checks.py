"""What the bot says of itself."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import fastapi_poe as fp

from ..controls import wrong_controls
from ..controls.findings import type_findings
from ..settings_response import RESPONSE_VERSION
from .check import Check, Skipped, expect
from .patient import Patient
from .probes import expect_status

_CONTROLS = "parameter_controls"


async def _answers_with_json(patient: Patient) -> None:
    response = await patient.tell(type="settings")
    expect_status({200}, response.status_code)
    kind = response.headers.get("content-type", "nothing")
    expect(kind.startswith("application/json"), f"the content type is {kind}")
    expect(isinstance(_object(response.content), dict), "the body is no JSON object")


async def _has_response_version_2(patient: Patient) -> None:
    version = (await _settings(patient)).get("response_version", "missing")
    expect(
        version == RESPONSE_VERSION, f"`response_version` is {version}: Poe takes other defaults then, and no controls"
    )


async def _says_only_what_poe_knows(patient: Patient) -> None:
    settings = {name: value for name, value in (await _settings(patient)).items() if name != _CONTROLS}
    _expect_none(sentence for sentence, _ in type_findings(fp.SettingsResponse, settings))


async def _has_valid_controls(patient: Patient) -> None:
    controls = (await _settings(patient)).get(_CONTROLS)
    if controls is None:
        raise Skipped("it has no controls")
    expect(isinstance(controls, Mapping), "`parameter_controls` should be a JSON object")
    _expect_none(sentence for sentence, _ in wrong_controls(controls))


def _expect_none(mistakes: Iterable[str]) -> None:
    found = list(mistakes)
    expect(not found, " ".join(found))


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
