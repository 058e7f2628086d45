"""Which server the person looks at, and the keys for it. They stay on this side: no browser ever gets them."""

import os
from collections.abc import Mapping

import streamlit as st

from .server import Server, normal_address

VARIABLES = ("CONSOLE_SERVER", "CONSOLE_CLIENT_KEY", "ADMIN_KEY")
"""The variables that the console reads: an address, and two keys that belong to it and to no other."""

HERE = "http://127.0.0.1:8000"

_CHOSEN, _KNOWN = "_server", "_servers"


def server_of_environment(environ: Mapping[str, str] | None = None) -> Server:
    """The server that the environment names, with the keys that it has for it."""
    environ = os.environ if environ is None else environ
    said = {name: environ.get(name, "").strip() for name in VARIABLES}
    address = normal_address(said["CONSOLE_SERVER"] or HERE)
    return Server(address, said["ADMIN_KEY"] or None, said["CONSOLE_CLIENT_KEY"] or None)


def server_of_session() -> Server:
    """The server that was chosen in this session; at first that of the environment."""
    if _CHOSEN not in st.session_state:
        st.session_state[_CHOSEN] = server_of_environment()
    chosen: Server = st.session_state[_CHOSEN]
    return chosen


def choose(said: str, admin_key: str = "", client_key: str = "") -> Server:
    """Look at another server from now on. A key that is not given is one that was given for this very address."""
    address = normal_address(said)
    known: dict[str, Server] = st.session_state.setdefault(_KNOWN, {})
    own = server_of_environment()
    before = known.get(address) or (own if own.address == address else Server(address))
    chosen = Server(address, admin_key.strip() or before.admin_key, client_key.strip() or before.client_key)
    known[address] = st.session_state[_CHOSEN] = chosen
    return chosen
