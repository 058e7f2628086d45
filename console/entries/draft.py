"""An entry that somebody is writing. It stays while they look at other pages, and until it is saved or left."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from ..server import Server
from ..text import plain
from .doors import NAME_KEYS, Entry, File, Outcome, Problem, Section, change, files_of

_NEW_NAMES: dict[Section, str] = {"bots": "NewBot", "providers": "new-provider"}


@dataclass
class Draft:
    """One entry as it is in the form, or as YAML."""

    section: Section
    name: str | None
    """What it is called in the file; None for a new one."""
    version: str
    """Of the file that was looked at."""
    data: dict[str, Any]
    before: dict[str, Any] = field(default_factory=dict)
    """What it said when this was begun."""
    yaml: str = ""
    is_yaml: bool = False
    problems: tuple[Problem, ...] = ()
    """What the server has said of it last."""
    message: str = ""
    """Something else to be told above it."""
    number: int = field(default_factory=lambda: _next_number())
    """Another one whenever the fields are filled anew: it is part of their keys."""

    @property
    def wish(self) -> dict[str, Any]:
        """What the server is asked to write."""
        return {"yaml": self.yaml} if self.is_yaml else {"entry": self.data}

    def key(self, what: str) -> str:
        """The key of a widget of it."""
        return f"{self.section}_{self.number}_{what}"

    def begin_anew(self, data: dict[str, Any]) -> None:
        """Fill the form with this."""
        self.data, self.problems, self.number = dict(data), (), _next_number()

    def problems_at(self, name: str) -> list[Problem]:
        """What is wrong with one field."""
        return [problem for problem in self.problems if problem.top_field == name]

    def problems_elsewhere(self, names: Iterable[str]) -> list[Problem]:
        """What is wrong with fields that are none of these."""
        return [problem for problem in self.problems if problem.top_field not in set(names)]

    def rehearse(self, server: Server) -> Outcome:
        """What saving it would do."""
        return self._asked(server, is_rehearsal=True)

    def save(self, server: Server) -> Outcome:
        """Write it into the file; or, where it is refused, know why."""
        return self._asked(server, is_rehearsal=False)

    def turn_over(self, server: Server) -> None:
        """From the form to YAML, or back. Where the lines are no YAML yet it stays as it is.

        What the server refuses to take, such as a key, is left out of the lines.
        """
        outcome, message = self._turned_over(server), ""
        refused = {problem.top_field for problem in outcome.problems if problem.is_error} & self.data.keys()
        if outcome.entry is None and refused and not self.is_yaml:
            self._take_back(refused)
            message = f"Left out, for it was refused: {', '.join(f'**{plain(name)}**' for name in sorted(refused))}."
            outcome = self._turned_over(server)
        self.number = _next_number()
        if outcome.entry is None:
            self._heard(server, outcome)
            return
        self.is_yaml = not self.is_yaml
        self.data, self.yaml, self.problems = dict(outcome.entry.data), outcome.entry.yaml, outcome.problems
        self.message = message

    def _turned_over(self, server: Server) -> Outcome:
        name_key = NAME_KEYS[self.section]
        wish = self.wish if self.is_yaml else {"entry": {name_key: _NEW_NAMES[self.section], **self.data}}
        return change(server, self.section, self.name, wish, self.version, is_rehearsal=True)

    def _take_back(self, names: Collection[str]) -> None:
        """These fields are as they were before."""
        before = {name: self.before[name] for name in names if name in self.before}
        self.data = {**{name: value for name, value in self.data.items() if name not in names}, **before}

    def _asked(self, server: Server, *, is_rehearsal: bool) -> Outcome:
        outcome = change(server, self.section, self.name, self.wish, self.version, is_rehearsal=is_rehearsal)
        if self._heard(server, outcome):
            return outcome
        outcome = change(server, self.section, self.name, self.wish, self.version, is_rehearsal=is_rehearsal)
        self._heard(server, outcome)
        return outcome

    def _heard(self, server: Server, outcome: Outcome) -> bool:
        """Whether that was the answer. It was not where something else in the file has changed meanwhile."""
        self.problems, self.message = outcome.problems, ""
        if outcome.why_refused and outcome.version != self.version:
            self.problems = ()
            self.message = self._caught_up(files_of(server)[self.section])
            return bool(self.message)
        if outcome.why_refused and not any(problem.is_error for problem in outcome.problems):
            self.problems = (*outcome.problems, Problem("", outcome.why_refused, True))
        return True

    def _caught_up(self, file: File) -> str:
        """Go on from the file as it is now. Says what somebody else has done to this very entry."""
        self.version = file.version
        theirs = file.entry(self.name) if self.name is not None else None
        if self.name is not None and theirs is None:
            self.name = None
            return "Somebody has removed this entry meanwhile. Saving it adds it again, at the end of the file."
        if theirs is None or theirs.data == self.before:
            return ""
        both, self.before = self._changed_on(theirs.data), dict(theirs.data)
        if self.is_yaml:
            return "Somebody has changed this entry meanwhile. The difference shows what your lines undo of that."
        self.begin_anew(both)
        return "Somebody has changed this entry meanwhile. What you have changed now stands on top of that: look again."

    def _changed_on(self, theirs: dict[str, Any]) -> dict[str, Any]:
        """The same fields changed and taken out that are changed and taken out here."""
        taken_out = self.before.keys() - self.data.keys()
        mine = {name: value for name, value in self.data.items() if (name, value) not in self.before.items()}
        return {name: value for name, value in {**theirs, **mine}.items() if name not in taken_out}


def draft_of(section: Section) -> Draft | None:
    """The one that is being written."""
    found: Draft | None = st.session_state.get(f"{section}_draft")
    return found


def begin(section: Section, file: File, entry: Entry | None = None, data: dict[str, Any] | None = None) -> None:
    """Begin to change an entry, or to write a new one."""
    if entry is None:
        draft = Draft(section, None, file.version, dict(data or {}))
    else:
        data, before = dict(entry.data), dict(entry.data)
        draft = Draft(section, entry.name, file.version, data, before, entry.yaml, problems=entry.problems)
    st.session_state[f"{section}_draft"] = draft
    st.session_state.pop(f"{section}_saved", None)


def leave(section: Section) -> None:
    """Write no more."""
    st.session_state.pop(f"{section}_draft", None)


def _next_number() -> int:
    number: int = st.session_state.get("_draft_number", 0) + 1
    st.session_state["_draft_number"] = number
    return number
