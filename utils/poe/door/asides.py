"""What the person reads besides the answer."""

from ..words import Text, say


class Asides:
    """Status lines and endings, in the language of the person. Most answers need none of them."""

    def __init__(self, language: str = "en") -> None:
        self._language = language

    def still_working(self, seconds: int) -> str:
        """The status line after so many seconds."""
        return say(Text.STILL_WORKING, self._language, seconds=seconds)

    @property
    def too_long(self) -> str:
        """What ends an answer that is longer than Poe takes."""
        return say(Text.ANSWER_TOO_LONG, self._language)

    @property
    def time_is_up(self) -> str:
        """What ends an answer that takes longer than Poe waits."""
        return say(Text.TIME_IS_UP, self._language)
