"""Fields of a form: each shows what the draft says, changes only what is changed in it, and has its problems below."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from ..server import Server
from ..text import with_names
from .doors import Problem, Section, fields_of
from .draft import Draft


class Fields:
    """The fields of one draft, with the help texts of the server's schema."""

    def __init__(self, server: Server, draft: Draft) -> None:
        self.draft = draft
        self._schema = schema_of(server, draft.section)
        self.shown: dict[str, str] = {}
        """Those that were drawn: their names, and what stands above them."""

    def text(self, name: str, label: str, *, lines: int = 1, placeholder: str = "", help: str = "") -> None:
        """Words."""
        shown = _words(self.draft.data.get(name))
        key = self._begin(name, label, shown)
        about = help or self._help(name)
        if lines > 1:
            said = st.text_area(label, key=key, placeholder=placeholder, help=about, height=28 * lines)
        else:
            said = st.text_input(label, key=key, placeholder=placeholder, help=about)
        self._end(name, shown, (said or "").strip() if lines == 1 else said, said or None)

    def names(self, name: str, label: str, *, placeholder: str = "", help: str = "") -> None:
        """A name, or several with commas between."""
        said_before = self.draft.data.get(name)
        shown = ", ".join(map(_words, said_before)) if isinstance(said_before, list) else _words(said_before)
        said = st.text_input(
            label, key=self._begin(name, label, shown), placeholder=placeholder, help=help or self._help(name)
        )
        given = [each.strip() for each in (said or "").split(",") if each.strip()]
        self._end(name, shown, said or "", given[0] if len(given) == 1 else given or None)

    def number(
        self, name: str, label: str, least: float, most: float, step: float, *, placeholder: str = "", why_not: str = ""
    ) -> None:
        """A number, or none."""
        before = self.draft.data.get(name)
        shown = float(before) if isinstance(before, int | float) and least <= before <= most else None
        said = st.number_input(
            label,
            least,
            most,
            value=None,
            step=step,
            key=self._begin(name, label, shown),
            placeholder=why_not or placeholder,
            disabled=bool(why_not) and before is None,
            help=self._help(name),
        )
        self._end(name, shown, said, said)

    def choice(
        self,
        name: str,
        label: str,
        options: Sequence[str],
        *,
        words: Callable[[str], str] = str,
        placeholder: str = "",
        may_be_new: bool = True,
    ) -> None:
        """One of these, or another one that is typed in."""
        shown = _words(self.draft.data.get(name)) or None
        said = st.selectbox(
            label,
            list(dict.fromkeys([*options, *([shown] if shown else [])])),
            index=None,
            key=self._begin(name, label, shown),
            format_func=words,
            placeholder=placeholder,
            accept_new_options=may_be_new,
            help=self._help(name),
        )
        self._end(name, shown, said, said)

    def several(self, name: str, label: str, options: Sequence[str], *, placeholder: str = "") -> None:
        """Some of these in their order, and others that are typed in. What is more than a name stays as it is."""
        before = self.draft.data.get(name) or []
        by_name = {_name_of(each): each for each in (before if isinstance(before, list) else [before])}
        shown = list(by_name)
        said = st.multiselect(
            label,
            list(dict.fromkeys([*shown, *options])),
            key=self._begin(name, label, shown),
            placeholder=placeholder,
            accept_new_options=True,
            filter_mode="contains",
            select_all=False,  # it would stand first in the list, and Enter would take it
            help=self._help(name),
        )
        self._end(name, shown, said, [by_name.get(each, each) for each in said] or None)

    def _begin(self, name: str, label: str, shown: Any) -> str:
        key = self.draft.key(name)
        if key not in st.session_state:  # at first, and after a look at another page
            st.session_state[key] = shown
        self.shown[name] = label
        return key

    def _end(self, name: str, shown: Any, said: Any, data: Any) -> None:
        if said != shown and data is None:
            self.draft.data.pop(name, None)
        elif said != shown:
            self.draft.data[name] = data
        problems_shown(self.draft.problems_at(name))

    def _help(self, name: str) -> str | None:
        return with_names(self._schema[name]["description"]) if self._schema.get(name, {}).get("description") else None


def schema_of(server: Server, section: Section) -> dict[str, dict[str, Any]]:
    """What an entry may say, asked for once in a session."""
    key = f"{section}_schema"
    if key not in st.session_state:
        st.session_state[key] = fields_of(server, section)
    found: dict[str, dict[str, Any]] = st.session_state[key]
    return found


def problems_shown(problems: Sequence[Problem]) -> None:
    """Each in a line."""
    for problem in problems:
        colour, icon = ("red", "error") if problem.is_error else ("orange", "warning")
        st.markdown(f":small[:{colour}[:material/{icon}: {with_names(_sentence(problem.message))}]]")


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _words(value: Any) -> str:
    return "" if value is None else str(value)


def _name_of(each: Any) -> str:
    return str(each.get("name", "")) if isinstance(each, dict) else str(each)
