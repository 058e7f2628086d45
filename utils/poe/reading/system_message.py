"""The bot's own instructions, with what only the request can tell filled in."""

import re
from datetime import date

_PLACEHOLDER = re.compile(r"\{(date|language|bot_name)\}")
# The caller names the language, and it goes where the owner's words stand: nothing but a tag gets in.
_LANGUAGE_TAG = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_LONGEST_TAG = 35


def system_message(template: str | None, *, bot_name: str, language: str, today: date) -> str | None:
    """The template with `{date}`, `{language}` and `{bot_name}` replaced; any other brace stays as it is."""
    if template is None or not template.strip():
        return None
    is_tag = len(language) <= _LONGEST_TAG and _LANGUAGE_TAG.fullmatch(language)
    values = {"date": today.isoformat(), "language": language if is_tag else "en", "bot_name": bot_name}
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)
