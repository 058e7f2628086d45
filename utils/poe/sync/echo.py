"""What Poe's reply says about what it has kept.

Poe answers 200 also when it drops the controls of a bot. Its reply then holds the settings without them, and it
has been seen as JSON and as Python's way of writing a dict: so it is searched rather than parsed.
"""

import re

from .document import Document

_CONTROLS = "parameter_controls"
_QUOTE = r"""\\?["']"""
_WITH_CONTROLS = re.compile(rf"{_CONTROLS}{_QUOTE}\s*:(?!\s*(?:null|None|\{{\s*\}}))")
_SETTINGS = re.compile(rf"(?:{_CONTROLS}|response_version|allow_attachments){_QUOTE}\s*:")


def has_dropped_controls(reply: str, sent: Document) -> bool:
    """Whether controls were sent and the reply shows settings without them. A reply without settings says nothing."""
    return _CONTROLS in sent and _SETTINGS.search(reply) is not None and _WITH_CONTROLS.search(reply) is None
