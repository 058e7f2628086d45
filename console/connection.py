"""The part of the sidebar that says which server this is, and lets the person choose another."""

from typing import NamedTuple

import streamlit as st

from .place import choose, server_of_session
from .server import Away, KeyWanted, Server, Trouble, is_of_this_machine
from .text import plain, with_names

_MOST_PROBLEMS = 5
_KEYS_TRIED = "_keys_tried"
_AWAY = "away"


def connection() -> None:
    """One line of how the server is, and the fields to choose another."""
    server = server_of_session()
    state = _state(server.address)
    with st.expander(f":{state.colour}[●] Server: {state.word}", key="_connection"):
        for problem in state.problems:
            st.caption(f":orange[:material/error:] {with_names(problem)}")
        st.caption(plain(server.address))
        st.caption(f"Admin key: {_admin_key_of(server, state)} · client key: {_given(server.client_key)}")
        with st.form("_connect", clear_on_submit=True, border=False):
            address = st.text_input("Another address", placeholder="https://workspace--poe-bots.modal.run")
            admin_key = st.text_input("Admin key", type="password", help="What `ADMIN_KEY` is on that server.")
            client_key = st.text_input(
                "Client key", type="password", help="For chatting, where the server wants one: it begins with `pk-`."
            )
            if st.form_submit_button("Connect", width="stretch"):
                _connect(address.strip() or server.address, admin_key, client_key)


def _connect(address: str, admin_key: str, client_key: str) -> None:
    try:
        chosen = choose(address, admin_key, client_key)
    except Trouble as trouble:
        st.error(f"{trouble} {trouble.what_to_do}")
        return
    st.session_state.pop(_KEYS_TRIED, None)
    for name in [name for name in st.session_state if not str(name).startswith("_")]:
        del st.session_state[name]  # what was chosen there means nothing here
    if chosen.address.startswith("http:") and not is_of_this_machine(chosen.address):
        st.toast("This address has no TLS: whoever is between can read the keys.", icon=":material/warning:")
    st.rerun()


class _State(NamedTuple):
    colour: str
    word: str
    problems: tuple[str, ...] = ()
    """Sentences of the server on what is wrong with it."""


@st.cache_data(ttl=3, show_spinner=False, max_entries=20)
def _state(address: str) -> _State:
    words = {"ok": ("green", "running"), "degraded": ("orange", "has problems"), "error": ("red", "no bots")}
    try:
        health = Server(address).read("/health")
        colour, word = words.get(health.get("status"), ("orange", "running"))
        return _State(colour, word, tuple(map(str, health.get("problems") or ()))[:_MOST_PROBLEMS])
    except Away:
        return _State("red", _AWAY)
    except (Trouble, AttributeError):
        return _State("orange", "not a bot server")


def _admin_key_of(server: Server, state: _State) -> str:
    """Whether the server takes it, which is asked once in a session; where it is away, whether there is one."""
    tried: dict[Server, str] = st.session_state.setdefault(_KEYS_TRIED, {})
    if server.admin_key is None or state.word == _AWAY:
        return _given(server.admin_key)
    if server not in tried:
        try:
            server.read("/admin/targets")
            tried[server] = "given"
        except KeyWanted:
            tried[server] = ":red[refused]"
        except Trouble:  # it says nothing of the key
            return "given"
    return tried[server]


def _given(key: str | None) -> str:
    return "given" if key else "none"
