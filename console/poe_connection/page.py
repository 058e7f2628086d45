"""The page Poe: which bots are connected, and what the others need."""

import streamlit as st

from ..server import Server
from ..text import plain
from .cards import AtPoe, at_poe
from .online import how_to_get_online
from .steps import steps
from .times import ago

_OPENED = "poe_opened"


def show(server: Server) -> None:
    """The page."""
    public, bots = at_poe(server)
    st.title("Connect to Poe", anchor=False)
    if not public:
        how_to_get_online(server)
    if not bots:
        st.info("There is no bot yet. *Add a bot* on the page *Bots* makes one.", icon=":material/smart_toy:")
        return
    _summary(bots, public)
    if len(bots) > 1:
        with st.expander("All bots at a glance", icon=":material/table_rows:"):
            st.dataframe([_as_row(bot) for bot in bots], hide_index=True)
    by_name = {bot.name: bot for bot in bots}
    chosen = _chosen(bots, by_name)
    with st.container(border=True):
        st.markdown(f"#### {plain(chosen.name)}", anchors=False)
        steps(server, chosen)


def _summary(bots: list[AtPoe], public: str) -> None:
    connected = sum(bot.is_connected for bot in bots)
    with_key = sum(bot.has_key for bot in bots)
    old = sum(bot.is_in_sync is False for bot in bots)
    errors = sum(len(bot.errors) for bot in bots)
    parts = [
        f"**{connected}** of {len(bots)} bots called by Poe since the server started",
        f"**{with_key}** with an access key",
    ]
    if old:
        parts.append(f":orange[**{old}** whose settings Poe does not know]")
    if errors:
        parts.append(f":red[**{errors}** errors reported]")
    st.markdown(" · ".join(parts))
    if public:
        st.caption(f"Poe reaches this server at {plain(public)}.")


def _chosen(bots: list[AtPoe], by_name: dict[str, AtPoe]) -> AtPoe:
    wanted = st.session_state.pop(_OPENED, None)
    if wanted in by_name:
        st.session_state["poe_bot"] = wanted
    name = st.selectbox(
        "Bot",
        list(by_name),
        key="poe_bot",
        format_func=lambda name: f"{name} · {_word(by_name[name])}" if name in by_name else name,
        persist_state="session",
    )
    return by_name.get(name, bots[0])


def _as_row(bot: AtPoe) -> dict[str, str | int]:
    settings = {True: "in sync", False: "changed", None: "never told"}
    return {
        "Bot": bot.name,
        "Access key": "there" if bot.has_key else "missing",
        "Settings": "refused" if bot.settings_problem else settings[bot.is_in_sync],
        "Last call": ago(bot.last_called_at) if bot.last_called_at is not None else "none",
        "Calls": bot.calls,
        "Errors": len(bot.errors),
        "Server URL": bot.url or bot.path,
    }


def _word(bot: AtPoe) -> str:
    if bot.errors:
        return "Poe reports errors"
    if bot.last_called_at is not None and bot.is_connected:
        return "settings have changed" if bot.is_in_sync is False else f"called {ago(bot.last_called_at)}"
    return "waits for Poe's first call" if bot.has_key else "not connected"
