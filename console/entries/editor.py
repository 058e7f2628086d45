"""One entry on the page: the form or YAML, then the difference, then it is saved."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from ..server import Server
from ..text import plain, with_names
from .doors import KINDS, Outcome, Problem
from .draft import Draft, leave
from .fields import Fields, problems_shown, schema_of
from .saved import remember_saved

_FORM, _YAML = ":material/edit_note: Form", ":material/code: As YAML"


def editor(server: Server, draft: Draft, form: Callable[[Fields], None]) -> None:
    """The entry; `form` draws its usual fields."""
    kind = KINDS[draft.section]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        title = f"Change {plain(draft.name)}" if draft.name is not None else f"A new {kind}"
        st.title(title, anchor=False, width="content")
        st.button(
            f"All {kind}s",
            icon=":material/arrow_back:",
            key=draft.key("back"),
            type="tertiary",
            on_click=leave,
            args=[draft.section],
        )
    if draft.message:
        st.warning(draft.message, icon=":material/sync_problem:")
    shown = st.segmented_control(
        "How to write it",
        [_FORM, _YAML],
        default=_YAML if draft.is_yaml else _FORM,
        required=True,
        key=draft.key("mode"),
        label_visibility="collapsed",
    )
    if (shown == _YAML) is not draft.is_yaml:
        draft.turn_over(server)
        st.rerun()
    if draft.is_yaml:
        _lines(server, draft)
    else:
        _form(server, draft, form)
    if st.button("Review and save", icon=":material/difference:", key=draft.key("review"), type="primary"):
        _rehearsed(server, draft)


def _form(server: Server, draft: Draft, form: Callable[[Fields], None]) -> None:
    fields = Fields(server, draft)
    with st.container(border=True):
        form(fields)
    others = [name for name in draft.data if name not in fields.shown]
    if others:
        names = ", ".join(f"**{plain(name)}**" for name in others)
        st.caption(f"Also in this entry, and left as it is: {names}. *As YAML* shows and changes everything.")
    else:
        st.caption("Everything else that an entry can say: *As YAML*.")
    problems_shown(draft.problems_elsewhere(fields.shown))
    if to_mend := [label for name, label in fields.shown.items() if any(map(_is_error, draft.problems_at(name)))]:
        st.markdown(f":red[:material/error: To mend above: {', '.join(f'**{label}**' for label in to_mend)}.]")


def _is_error(problem: Problem) -> bool:
    return problem.is_error


def _lines(server: Server, draft: Draft) -> None:
    text, help = st.columns([3, 2])
    with text:
        key = draft.key("yaml")
        st.session_state.setdefault(key, draft.yaml)
        height = min(640, max(320, 24 * (draft.yaml.count("\n") + 4)))
        with st.container(key="entries_yaml"):
            draft.yaml = st.text_area("Its lines", key=key, height=height) or ""
        problems_shown(draft.problems)
    with help:
        _what_can_be_written(schema_of(server, draft.section))


def _what_can_be_written(schema: dict[str, dict[str, Any]]) -> None:
    st.markdown(":small[What can be written]")
    sought = st.text_input(
        "Search the fields", placeholder="such as budget", label_visibility="collapsed", key="entries_sought"
    )
    words = (sought or "").lower().split()
    with st.container(height=400, border=True):
        for name, field in schema.items():
            about = field.get("description", "")
            if all(word in f"{name} {about}".lower() for word in words):
                st.markdown(f"**{plain(name)}**  \n:small[{with_names(about)}]")


def _rehearsed(server: Server, draft: Draft) -> None:
    outcome = draft.rehearse(server)
    if outcome.why_refused:
        st.rerun()  # what is wrong stands at the fields
    if not outcome.diff:
        st.toast("Nothing has changed.", icon=":material/info:")
        return
    _review(server, draft, outcome)


@st.dialog("Save this?", width="medium", on_dismiss="rerun")
def _review(server: Server, draft: Draft, outcome: Outcome) -> None:
    problems_shown(outcome.problems)
    st.code(diff_shown(outcome.diff), language="diff", wrap_lines=True)
    if any(map(_is_error, outcome.problems)):
        st.caption("It can be saved, since this was wrong before; the entry as it is now is not in force even then.")
    else:
        st.caption("It is in force as soon as it is saved. Comments and everything else in the file stay as they are.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Not yet", key=draft.key("not_yet")):
            st.rerun()
        is_meant = st.button("Save", type="primary", icon=":material/save:", key=draft.key("save"))
    if is_meant:
        saved = draft.save(server)
        if saved.is_saved:
            remember_saved(draft, saved)
            leave(draft.section)
        st.rerun()


def diff_shown(diff: str) -> str:
    """The lines of a unified diff of one file, without those that say where they are."""
    lines = [" …" if line.startswith("@@") else line for line in diff.splitlines()]
    return "\n".join(line for line in lines[3:] if line != "\\ No newline at end of file")
