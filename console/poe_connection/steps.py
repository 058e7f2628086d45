"""What connects one bot to Poe, step by step, each with whether it is done."""

from urllib.parse import quote

import streamlit as st

from ..server import Refused, Server
from ..text import plain
from .cards import AtPoe
from .times import ago, moment

_CREATE = "https://poe.com/create_bot?server=1"
_TOLD = "poe_told"


def steps(server: Server, bot: AtPoe) -> None:
    """What Poe has reported, and the four of them."""
    _errors(bot)
    _create(bot)
    _access_key(bot)
    _settings(server, bot)
    _call(bot)


def _create(bot: AtPoe) -> None:
    _step(bot.is_connected, "1. Create it on Poe")
    st.link_button("Open poe.com/create_bot", _CREATE, icon=":material/open_in_new:", key=f"poe_create_{bot.name}")
    st.caption("Bot name, free on Poe and the same as here")
    st.code(bot.name, language=None)
    st.caption("Server URL")
    if bot.url:
        st.code(bot.url, language=None, wrap_lines=True)
    else:
        st.code(f"https://<address of the server>{bot.path}", language=None, wrap_lines=True)
        st.caption("The address is that which a tunnel or Modal gives the server: see above.")


def _access_key(bot: AtPoe) -> None:
    _step(bot.has_key, "2. Its access key")
    if bot.has_key:
        ends = f" It ends in `{bot.key_hint}`: so should the one that Poe shows." if bot.key_hint else ""
        st.markdown(f"The server has it.{ends}")
        return
    name = bot.key_names[0]
    st.markdown("The page on Poe shows an access key of 32 characters. This asks for it; the server has it at once:")
    st.code(f"python config_manager.py keys set {name}", language=None, wrap_lines=True)
    st.caption(
        f"Or put `{name}=…` into the file `.env` and start the server again. On Modal it belongs into the secret."
    )


def _settings(server: Server, bot: AtPoe) -> None:
    _step(bool(bot.is_in_sync), "3. Its settings")
    if bot.settings_problem:
        st.warning(plain(bot.settings_problem), icon=":material/error:")
    elif bot.is_in_sync:
        st.markdown(f"Poe knows its greeting, controls and prices as they are, since {_since(bot.synced_at)}.")
    elif bot.is_in_sync is False:
        st.markdown(f"They have changed since Poe was told, {_since(bot.synced_at)}. People there see the old ones.")
    else:
        st.markdown("Poe asks for them once. Tell it of every greeting, control and price that you change later.")
    if st.button(
        "Tell Poe again" if bot.is_in_sync else "Tell Poe",
        icon=":material/sync:",
        key=f"poe_sync_{bot.name}",
        type="primary" if bot.has_key and not bot.is_in_sync else "secondary",
        disabled=not bot.has_key,
        help=None if bot.has_key else "It needs the access key for that.",
    ):
        with st.spinner("Telling Poe…"):
            _sync(server, bot)
        st.rerun()
    if told := st.session_state.get(_TOLD, {}).get(bot.name):
        is_done, words = told
        (st.success if is_done else st.warning)(plain(words))


def _sync(server: Server, bot: AtPoe) -> None:
    try:
        told = server.send("POST", f"/admin/poe/{_in_path(bot.name)}/sync", force="true" if bot.is_in_sync else None)
        words = bool(told["synced"]), str(told["message"])
    except Refused as refused:
        words = False, str(refused)
    st.session_state.setdefault(_TOLD, {})[bot.name] = words


def _call(bot: AtPoe) -> None:
    _step(bot.is_connected, "4. Poe calls")
    if bot.last_called_at is None:
        st.markdown("Poe has not called since the server started. Talk to the bot on Poe, then look again.")
    else:
        calls = "once" if bot.calls == 1 else f"{bot.calls:,} times"
        st.markdown(
            f"{calls.capitalize()} since the server started, lately {ago(bot.last_called_at)}. What is asked"
            " *As on Poe* in this console counts, too.",
            help=moment(bot.last_called_at),
        )
    with st.container(horizontal=True):
        st.button("Look again", icon=":material/refresh:", key=f"poe_again_{bot.name}")
        if bot.is_connected:
            st.link_button("Talk to it on Poe", f"https://poe.com/{_in_path(bot.name)}", icon=":material/open_in_new:")


def _errors(bot: AtPoe) -> None:
    if bot.errors:
        st.markdown(f"###### :red[:material/error:] What Poe has reported, {len(bot.errors)} of late", anchors=False)
        for mishap in bot.errors:
            st.markdown(f":small[:gray[{moment(mishap.at)}] · {plain(mishap.message)}]")


def _step(is_done: bool, title: str) -> None:
    mark = ":green[:material/check_circle:]" if is_done else ":gray[:material/radio_button_unchecked:]"
    st.markdown(f"###### {mark} {title}", anchors=False)


def _since(at: float | None) -> str:
    return ago(at) if at else "a while"


def _in_path(name: str) -> str:
    return quote(name, safe="")
