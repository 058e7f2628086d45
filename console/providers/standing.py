"""Taking a provider out, and putting it back."""

from collections.abc import Sequence
from urllib.parse import quote

import streamlit as st

from ..server import Server
from ..server.cards import Target
from ..text import plain

_ALL = "All of its models"


@st.dialog("Ask it no more?")
def ask_to_take_out(server: Server, name: str, targets: Sequence[Target]) -> None:
    """Nobody asks the provider, or one of its models, when the person says so."""
    st.markdown(
        f"Bots that have fallbacks go on with those; the others say that nobody can answer. **{plain(name)}** stays out"
        " until you put it back, or the server starts again."
    )
    models = list(dict.fromkeys(target.name for target in targets))
    chosen = _ALL
    if len(models) > 1:
        chosen = st.selectbox("What", [_ALL, *models], key="providers_out_what")
    reason = st.text_input("Why", placeholder="such as maintenance", max_chars=200, key="providers_out_why")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Leave it in", key="providers_out_not"):
            st.rerun()
        is_meant = st.button("Take it out", type="primary", icon=":material/block:", key="providers_out_yes")
    if is_meant:
        target = name if chosen == _ALL else chosen
        server.send("POST", f"/admin/targets/{_in_path(target)}/out", reason=reason or None)
        st.rerun()


def put_back(server: Server, name: str) -> None:
    """All of it is asked again."""
    server.send("POST", f"/admin/targets/{_in_path(name)}/in")


def _in_path(target: str) -> str:
    return quote(target, safe="/:")
