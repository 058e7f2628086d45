"""`poe:` of bots.yaml: checked against what Poe knows, and made into what Poe is told about the bot."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import fastapi_poe as fp

from utils.registry import BotConfig

from .controls import wrong_controls
from .controls.findings import Finding, finding, type_findings

_CONTROLS = "parameter_controls"
RESPONSE_VERSION = 2
"""Without it Poe takes other defaults and ignores all controls."""
_OUTDATED: Mapping[str, str] = {
    "custom_rate_card": "is outdated; write `rate_card` instead.",
    "enable_multi_bot_chat_prompting": "is outdated; write `enable_multi_entity_prompting` instead.",
    "context_clear_window_secs": "is outdated and has no effect any more; leave it out.",
    "allow_user_context_clear": "is outdated and has no effect any more; leave it out.",
}


def settings_response(
    config: BotConfig,
    *,
    sees: bool,
    controls: Mapping[str, Any] | None,
    rate_card: str | None = None,
    cost_label: str | None = None,
) -> fp.SettingsResponse:
    """What Poe is told: what stands in `poe:`, and for the rest what suits a bot whose model `sees` pictures or not."""
    ours = {
        "allow_attachments": True,
        "expand_text_attachments": True,
        "enable_image_comprehension": not sees,
        "rate_card": rate_card,
        "cost_label": cost_label,
        _CONTROLS: controls,
    }
    said = {name: value for name, value in config.poe.items() if value is not None}
    return fp.SettingsResponse.model_validate({**ours, **said, "response_version": RESPONSE_VERSION})


def wrong_settings(settings: Mapping[str, Any]) -> Iterable[Finding]:
    """Every mistake as a sentence, and where it stands. Poe itself drops what it does not understand without a word."""
    findings = [*_always_the_same(settings), *_outdated(settings), *_of_the_wrong_type(settings)]
    controls = settings.get(_CONTROLS)
    if isinstance(controls, Mapping):
        findings += [(sentence, (_CONTROLS, *place)) for sentence, place in wrong_controls(controls)]
    return findings


def _always_the_same(settings: Mapping[str, Any]) -> Iterator[Finding]:
    version = settings.get("response_version")
    if version is not None and version != RESPONSE_VERSION:
        yield finding(("response_version",), f"is always {RESPONSE_VERSION} here; leave it out.")


def _outdated(settings: Mapping[str, Any]) -> Iterator[Finding]:
    for name, says in _OUTDATED.items():
        if name in settings:
            yield finding((name,), says)


def _of_the_wrong_type(settings: Mapping[str, Any]) -> Iterator[Finding]:
    """What fastapi_poe's own type says; what is unset needs no type, and controls are looked at by themselves."""
    known = [name for name in fp.SettingsResponse.model_fields if name not in _OUTDATED]
    looked_at = {
        name: value
        for name, value in settings.items()
        if name not in {*_OUTDATED, "response_version"}
        and not (name in known and value is None)
        and not (name == _CONTROLS and isinstance(value, Mapping))
    }
    yield from type_findings(fp.SettingsResponse, looked_at, keys=known)
