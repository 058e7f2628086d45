"""The page Bots: who is served and how they fare; add, change and remove them."""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from ..chat.choosing import choose_bot
from ..entries.doors import File
from ..entries.draft import begin, draft_of
from ..entries.editor import editor
from ..entries.faring import targets_shown
from ..entries.listing import about_the_file, files_or_why_not, how_keys_are_set, rows_shown, state_shown
from ..entries.removing import ask_to_remove
from ..entries.saved import close_button, forget_saved, news_of, saved_shown
from ..going import go_to
from ..server import Server
from ..server.cards import Bot, bots_of, not_ready_in, providers_of
from ..text import plain
from .form import form
from .rows import Row, rows_of


def show(server: Server) -> None:
    """The page."""
    if (draft := draft_of("bots")) is not None:
        editor(server, draft, partial(form, server=server))
        return
    files, why_not = files_or_why_not(server)
    file = files["bots"] if files else None
    rows = rows_of(bots_of(server), file)
    not_ready = not_ready_in(providers_of(server))
    _head(file)
    if why_not:
        st.info(why_not, icon=":material/key:")
    if file is not None:
        about_the_file(file)
    _saved(rows)
    if not rows:
        st.info("There is no bot yet. *Add a bot* makes one in a minute.", icon=":material/smart_toy:")
    shown = rows_shown(rows, "bots")
    how_keys_are_set(reason for row in shown if row.bot for reason in _reasons(row.bot, not_ready))
    with st.container(gap="xsmall"):
        for row in shown:
            _row(server, file, row, not_ready)


def _head(file: File | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title("Bots", anchor=False, width="content")
        if file is not None and not file.why_fixed:
            st.button(
                "Add a bot",
                icon=":material/add:",
                type="primary",
                key="bots_add",
                on_click=begin,
                args=("bots", file),
            )


def _saved(rows: list[Row]) -> None:
    saved = news_of("bots")
    if saved is None:
        return
    row = next((row for row in rows if row.name == saved.name), None)
    bot = row.bot if row else None
    with st.container(border=True, key="bots_saved"):
        saved_shown(saved, _what_then(row), row.errors if row else [], bot.why_not_ready if bot else None)
        with st.container(horizontal=True):
            if bot is not None:
                _next_steps(saved.name)
            close_button("bots")


def _what_then(row: Row | None) -> str:
    if row is None or row.bot is None:
        return "and switched off" if row and not row.errors else "but not served"
    return "but not served as it is" if row.errors else "and served"


def _next_steps(name: str) -> None:
    if st.button("Chat with it", icon=":material/forum:", type="primary", key="bots_saved_chat"):
        forget_saved("bots")
        _chat_with(name)
    if st.button("Connect it to Poe", icon=":material/link:", key="bots_saved_poe"):
        forget_saved("bots")
        st.session_state["poe_opened"] = name
        go_to("poe")


def _row(server: Server, file: File | None, row: Row, not_ready: Mapping[str, str]) -> None:
    with st.container(border=True):
        who, state, doing = st.columns([3.5, 4.5, 4], vertical_alignment="center")
        with who:
            st.markdown(f"**{plain(row.name)}**  \n:small[:gray[{plain(row.who_answers)}]]")
        with state:
            state_shown(row.state, row.bot.targets if row.bot else (), whose="its model: ")
        with doing, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
            if row.bot is not None and st.button("Chat", icon=":material/forum:", key=f"bots_chat_{row.name}"):
                _chat_with(row.name)
            _what_may_be_done(server, file, row)
        if row.bot is not None and len(row.bot.targets) > 1:
            targets_shown(row.bot.targets, not_ready)


def _reasons(bot: Bot, not_ready: Mapping[str, str]) -> list[str]:
    """Why it is not ready, or one of those who may answer is not."""
    return [bot.why_not_ready or "", *(not_ready.get(target.provider, "") for target in bot.targets)]


def _what_may_be_done(server: Server, file: File | None, row: Row) -> None:
    if row.entry is None or file is None or file.why_fixed:
        return
    st.button(
        "Change",
        icon=":material/edit:",
        key=f"bots_edit_{row.name}",
        on_click=begin,
        args=("bots", file, row.entry),
    )
    if st.button("", icon=":material/delete:", key=f"bots_remove_{row.name}", help="Remove it", type="tertiary"):
        ask_to_remove(server, "bots", file, row.name)


def _chat_with(name: str) -> None:
    choose_bot(name)
    go_to("chat")
