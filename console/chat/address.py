"""The address of the page names the conversation that is open: a reload and a bookmark open it again."""

from urllib.parse import quote

import streamlit as st

from ..server import NotThere, Refused, Server
from .talk import opened

_NAME, _NOTED = "conversation", "_conversation_noted"


def open_what_it_names(server: Server) -> None:
    """Open that conversation, where the person has come by an address that this session has not written."""
    named = st.query_params.get(_NAME)
    if named is None or named == st.session_state.get(_NOTED):
        return
    try:
        opened(server, quote(named, safe="") or "-")  # anybody may have written the address
    except (NotThere, Refused):
        st.toast("The conversation of this address is not there any more.", icon=":material/info:")
    st.session_state[_NOTED] = named


def note(id: str | None) -> None:
    """Let the address name this conversation; or none."""
    st.session_state[_NOTED] = id
    if id is None:
        st.query_params.pop(_NAME, None)
    elif st.query_params.get(_NAME) != id:
        st.query_params[_NAME] = id
