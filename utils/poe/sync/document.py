"""A bot's settings as the JSON that Poe is sent."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import fastapi_poe as fp
from starlette.requests import Request

from ..settings_response import RESPONSE_VERSION

Document = Mapping[str, Any]
"""What Poe is sent: a JSON object."""


async def settings_document(bot: fp.PoeBot) -> Document:
    """What the bot answers when Poe asks for its settings, without what it does not set."""
    nobody = Request({"type": "http", "method": "POST", "path": bot.path, "headers": []})
    asked = fp.SettingsRequest(version="1.2", type="settings")
    said = await bot.get_settings_with_context(asked, fp.RequestContext(http_request=nobody))
    # A null is Poe's default, as is nothing at all; but a section of controls may name only one of `controls` and
    # `tabs`. Without response_version 2, Poe takes other defaults and drops all controls without a word.
    return {**said.model_dump(mode="json", exclude_none=True), "response_version": RESPONSE_VERSION}


def fingerprint(document: Document) -> str:
    """The same for the same settings, in whatever order they were given."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
