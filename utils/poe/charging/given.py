"""What has reached the person of one answer, and what it took."""

from utils.chat import Delta, Usage


class Given:
    """One answer, as far as it was given."""

    def __init__(self) -> None:
        self.usage: Usage | None = None
        """As the provider counted it."""
        self._parts: list[str] = []

    def add(self, delta: Delta) -> None:
        """Take down one more piece."""
        if delta.restarts:
            self._parts, self.usage = [], None
        self._parts += filter(None, (delta.text, delta.reasoning, *(call.arguments for call in delta.tool_calls)))
        self._parts += ("a picture" for _ in delta.images)
        # The model is not paid for what the cache gives.
        self.usage = Usage() if delta.cached else delta.usage or self.usage

    @property
    def said(self) -> str:
        """All of it, thoughts and the arguments of tool calls too."""
        return "".join(self._parts)
