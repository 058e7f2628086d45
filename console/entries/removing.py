"""Removing an entry: asked first, with the lines that go."""

import streamlit as st

from ..server import Server
from ..text import plain, with_names
from .doors import KINDS, File, Section, change
from .editor import diff_shown
from .fields import problems_shown
from .saved import remember_removed

_THEN: dict[Section, str] = {"bots": "served no more", "providers": "asked no more"}


@st.dialog("Remove it?")
def ask_to_remove(server: Server, section: Section, file: File, name: str) -> None:
    """The entry is gone from the file when the person says so."""
    rehearsal = change(server, section, name, None, file.version, is_rehearsal=True)
    if rehearsal.why_refused:
        st.markdown(f"**{plain(name)}** cannot be removed: {with_names(rehearsal.why_refused)}")
        with st.expander("Why"):
            problems_shown(rehearsal.problems)
        if st.button("Close", key=f"{section}_remove_close"):
            st.rerun()
        return
    st.markdown(f"The {KINDS[section]} **{plain(name)}** is taken out of {plain(file.name)}, and {_THEN[section]}.")
    with st.expander("What goes"):
        st.code(diff_shown(rehearsal.diff), language="diff", wrap_lines=True)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it", key=f"{section}_remove_not"):
            st.rerun()
        is_meant = st.button("Remove", type="primary", icon=":material/delete:", key=f"{section}_remove_yes")
    if is_meant:
        outcome = change(server, section, name, None, file.version)
        if outcome.is_saved:
            remember_removed(section, name, outcome)
            st.rerun()
        st.error(with_names(outcome.why_refused))
