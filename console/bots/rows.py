"""The bots of the file and those that are served, put side by side."""

from dataclasses import dataclass

from ..entries.doors import Entry, File
from ..entries.faring import why_shut
from ..entries.listing import State
from ..server.cards import Bot


@dataclass(frozen=True)
class Row:
    """One bot. One in Python has no entry, one that is switched off or has a mistake is not served."""

    name: str
    entry: Entry | None
    bot: Bot | None

    @property
    def who_answers(self) -> str:
        """Provider and model."""
        if self.bot is not None:
            return " / ".join(filter(None, [self.bot.provider or "written in Python", self.bot.model]))
        return str(self.entry.data.get("provider") or "") if self.entry else ""

    @property
    def errors(self) -> list[str]:
        """Why its entry is not served as it is."""
        return self.entry.errors if self.entry else []

    @property
    def state(self) -> State:
        """How it is."""
        if self.errors:
            word = "its last good version is served" if self.bot else "has a mistake"
            return State("red", word, self.errors[0])
        if self.bot is None:
            is_off = self.entry is not None and self.entry.data.get("enabled") is False
            return State("gray", "switched off" if is_off else "not served")
        shut = [target for target in self.bot.targets if target.state != "closed"]
        if shut and len(shut) == len(self.bot.targets):
            is_out = all(target.is_out for target in shut)
            return State("red", "taken out" if is_out else "not asked for now", why_shut(shut[0]))
        if self.bot.why_not_ready:
            return State("orange", "not ready", self.bot.why_not_ready)
        if shut:
            return State("orange", f"ready, without {len(shut)} of {len(self.bot.targets)}")
        return State("green", "ready")


def rows_of(bots: list[Bot], file: File | None) -> list[Row]:
    """Those of the file in its order, then those in Python."""
    served = {bot.name: bot for bot in bots}
    entries = file.entries if file else ()
    written = {entry.name for entry in entries}
    return [
        *(Row(entry.name, entry, served.get(entry.name)) for entry in entries),
        *(Row(bot.name, None, bot) for bot in bots if bot.name not in written),
    ]
