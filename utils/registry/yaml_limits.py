"""A YAML text is measured before it is read: a few lines can nest, or unfold to, more than a process bears."""

from typing import Any

import yaml
from yaml import events

_DEEPEST = 50
_LARGEST = 100_000


class TooMuch(yaml.YAMLError):
    """The text is deeper, or larger with all its anchors unfolded, than any configuration."""

    def __init__(self, problem: str, mark: Any) -> None:
        super().__init__(problem)
        self.problem = problem
        self.problem_mark = mark


def refuse_too_much(text: str, loader: type[yaml.SafeLoader]) -> None:
    """Raises `TooMuch`, or YAML's own error, without building anything."""
    # The C loader composes by recursion: 50,000 brackets end the process, and no `except` sees it.
    unfolded = _Unfolded()
    for event in yaml.parse(text, Loader=loader):
        unfolded.add(event)
        if len(unfolded.open) > _DEEPEST:
            raise TooMuch("it is nested too deeply", event.start_mark)
        if unfolded.size > _LARGEST:
            raise TooMuch("its anchors unfold to too much", event.start_mark)


class _Unfolded:
    """How many values there would be if each alias were written out."""

    def __init__(self) -> None:
        self.size = 0
        self.open: list[tuple[str | None, int]] = []
        self._size_of: dict[str | None, int] = {}

    def add(self, event: events.Event) -> None:
        match event:
            case events.ScalarEvent():
                self.size += 1
                self._size_of[event.anchor] = 1
            case events.AliasEvent():
                if any(event.anchor == anchor for anchor, _ in self.open):
                    raise TooMuch("an anchor holds itself", event.start_mark)
                self.size += self._size_of.get(event.anchor, 1)
            case events.CollectionStartEvent():
                self.open.append((event.anchor, self.size))
                self.size += 1
            case events.CollectionEndEvent():
                anchor, size_before = self.open.pop()
                self._size_of[anchor] = self.size - size_before
