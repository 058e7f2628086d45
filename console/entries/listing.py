"""What the lists of bots and of providers have in common."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol, TypeVar

import streamlit as st

from ..advice import how_to_set, variable_missing
from ..server import KeyWanted, NotThere, Server
from ..server.cards import Target
from ..text import plain, with_names
from .doors import File, Section, files_of
from .faring import numbers_of
from .fields import problems_shown

_ICONS = {"green": "check_circle", "orange": "hourglass_empty", "red": "error"}
_ON_A_PAGE = 25
_MANY = 8


class State(NamedTuple):
    """How an entry is, in a colour and a word or two, and why it is not well."""

    colour: str
    word: str
    why: str = ""


class Named(Protocol):
    """A row."""

    @property
    def name(self) -> str:
        """By which it is found."""
        ...


Row = TypeVar("Row", bound=Named)


def files_or_why_not(server: Server) -> tuple[dict[Section, File] | None, str]:
    """Both files; or why the person may look and change nothing."""
    try:
        return files_of(server), ""
    except KeyWanted as trouble:
        return None, f"Here you may only look. {plain(str(trouble))} {trouble.what_to_do}"
    except NotThere:
        return None, "This server is older than the console: its files cannot be changed from here."


def about_the_file(file: File) -> None:
    """What is to be said of the file before its entries."""
    if file.why_fixed:
        st.info(f"**Look, but do not touch.** {plain(file.why_fixed)}", icon=":material/lock:")
    problems_shown(file.problems)


def rows_shown(rows: Sequence[Row], section: Section) -> Sequence[Row]:
    """Those that are to be shown: found by their name, and a page of them."""
    if len(rows) > _MANY:
        sought = st.text_input(
            "Search",
            placeholder=f"Search {len(rows)} {section}",
            label_visibility="collapsed",
            icon=":material/search:",
            key=f"{section}_sought",
            live=True,
        )
        rows = [row for row in rows if (sought or "").lower() in row.name.lower()]
        if not rows:
            st.caption("None of this name.")
    if len(rows) <= _ON_A_PAGE:
        return rows
    page = st.pagination(-(-len(rows) // _ON_A_PAGE), key=f"{section}_page")
    return rows[(page - 1) * _ON_A_PAGE : page * _ON_A_PAGE]


def state_shown(state: State, targets: Sequence[Target], *, whose: str = "") -> None:
    """A badge, why not, and how the only one fares who is asked: `whose` it is, where others ask it, too."""
    icon = _ICONS.get(state.colour, "do_not_disturb_on")
    lines = [f":{state.colour}-badge[:material/{icon}: {plain(state.word)}]"]
    if state.why:
        lines.append(f":small[{with_names(state.why)}{'' if state.why.endswith(('.', '?')) else '.'}]")
    if len(targets) == 1 and (targets[0].attempts or not state.why):
        lines.append(f":small[:gray[{whose}{numbers_of(targets[0])}]]")
    st.markdown("  \n".join(lines))


def how_keys_are_set(reasons: Iterable[str]) -> None:
    """Where a key is put, once for all that wait for one."""
    names = set(map(variable_missing, reasons)) - {""}
    if names:
        st.caption(f":material/key: A key is not set? {how_to_set(names.pop() if len(names) == 1 else 'NAME')}")
