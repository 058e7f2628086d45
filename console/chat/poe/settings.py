"""What a bot tells Poe of itself, as Poe's server reads it."""

from dataclasses import dataclass
from typing import Any

from ...server import Server

_VERSION = "1.2"
_SHOWN_AS = {
    "allow_attachments": "People may send files",
    "expand_text_attachments": "Poe reads text files",
    "enable_image_comprehension": "Poe describes pictures",
    "enforce_author_role_alternation": "Poe merges messages of one side",
    "enable_multi_entity_prompting": "Poe rewrites chats of several bots",
}


@dataclass(frozen=True)
class PoeSettings:
    """The settings, typed as far as the page shows them."""

    introduction: str
    takes_files: bool
    sections: tuple[dict[str, Any], ...]
    """Of the parameter controls; none where Poe would drop them."""
    lines: tuple[str, ...]
    """The other settings in words."""
    raw: dict[str, Any]


def settings_of(server: Server, path: str, access_key: str | None) -> PoeSettings:
    """The bot's answer to Poe's question for its settings."""
    said = server.send_as_poe(path, {"version": _VERSION, "type": "settings"}, access_key)
    raw: dict[str, Any] = said if isinstance(said, dict) else {}
    controls = raw.get("parameter_controls") or {}
    # Poe drops all of them, without a word, where these versions are not said.
    is_understood = raw.get("response_version") == 2 and controls.get("api_version") == "2"
    return PoeSettings(
        introduction=raw.get("introduction_message") or "",
        takes_files=bool(raw.get("allow_attachments")),
        sections=tuple(controls.get("sections") or ()) if is_understood else (),
        lines=tuple(_lines(raw)),
        raw={name: value for name, value in raw.items() if value is not None},
    )


def _lines(raw: dict[str, Any]) -> list[str]:
    lines = [
        f"{words}: {'yes' if raw[name] else 'no'}" for name, words in _SHOWN_AS.items() if raw.get(name) is not None
    ]
    dependencies = raw.get("server_bot_dependencies") or {}
    lines += [f"Calls {name} up to {count} times" for name, count in dependencies.items()]
    return lines + ([f"Costs: {raw['cost_label']}"] if raw.get("cost_label") else [])
