"""The beginning of an answer, where a model's thinking stands: in a field of its own, or between tags in the text."""

import re

from utils.chat import Delta

_NAMES = ("think", "thinking", "reasoning", "thought")
_TAGS = tuple(f"<{name}>" for name in _NAMES)
_OPENING = re.compile(f"<({'|'.join(_NAMES)})>", re.ASCII | re.IGNORECASE)
_CLOSINGS = {name: re.compile(f"</{name}>", re.ASCII | re.IGNORECASE) for name in _NAMES}


class Beginning:
    """Tells thinking from the answer until the answer begins. From there on, tags are words like any others.

    Several blocks of thinking may follow each other: some models put every piece between tags of its own.
    """

    def __init__(self) -> None:
        self.has_thought = False
        """Whether there was any thinking, an empty block included."""
        self._inside: str | None = None
        """The name of the tag that is open."""
        self._held = ""
        """The end of what came, when only the next piece tells what it is."""

    @property
    def is_unclosed(self) -> bool:
        """Whether a tag was opened that was never closed."""
        return self._inside is not None

    def read(self, delta: Delta) -> tuple[str, str]:
        """What is thinking, and the first words of the answer, in what has come so far. Words end the beginning."""
        self.has_thought = self.has_thought or bool(delta.reasoning)
        thoughts, text = [delta.reasoning], self._held + delta.text
        while True:
            if self._inside:
                thought, text = self._until_closed(text, self._inside)
                thoughts.append(thought)
                if self.is_unclosed:
                    break
            begun = text.lstrip()
            opening = _OPENING.match(begun)
            if opening is None:
                if _may_become_a_tag(begun):
                    break
                return "".join(thoughts), self._words(text)
            self._inside, self.has_thought = opening[1].lower(), True
            text = begun[opening.end() :]
        self._held = text
        return "".join(thoughts), ""

    def rest(self) -> tuple[str, str]:
        """What was held back, when nothing more comes: thinking, and words of the answer. Blanks alone are none."""
        if self._inside:
            return self._held, ""
        return "", self._words(self._held) if self._held.strip() else ""

    def _until_closed(self, text: str, name: str) -> tuple[str, str]:
        """The thinking, and what is behind it: the text after the closing tag, or what may be the start of that tag."""
        if closing := _CLOSINGS[name].search(text):
            self._inside = None
            return text[: closing.start()], text[closing.end() :]
        last = text.rfind("<")
        if last >= 0 and f"</{name}>".startswith(text[last:].lower()):
            return text[:last], text[last:]
        return text, ""

    def _words(self, text: str) -> str:
        """The text; behind thinking without the empty lines that set it off."""
        if not self.has_thought:
            return text
        indent = len(text) - len(text.lstrip())
        return text[text.rfind("\n", 0, indent) + 1 :]


def _may_become_a_tag(begun: str) -> bool:
    return any(tag.startswith(begun.lower()) for tag in _TAGS)
