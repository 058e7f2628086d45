"""The conversations that the server has kept: listed and searched, renamed, deleted and taken home."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from ..going import leave_menu
from ..server import Refused, Server, Trouble
from ..text import plain
from .talk import Talk, begin_new, opened

_PAGE = 20
_PATH = "/chat/conversations"
_DELETING = "chat_deleting"


def history(server: Server, talk: Talk) -> None:
    """In the sidebar: a search and the conversations, the latest first."""
    st.subheader("Conversations", anchor=False)
    search = st.text_input(
        "Search", placeholder="Search", key="chat_search", icon=":material/search:", label_visibility="collapsed"
    )
    many = st.session_state.get("chat_many", _PAGE)
    try:
        listed = server.read(_PATH, q=search or None, limit=many + 1).get("conversations") or []
    except Refused:
        st.caption("This server keeps no conversations: it has no database. Each question stands alone.")
        return
    if not listed:
        st.caption("Nothing found." if search else "What you talk about is kept here.")
    for card in listed[:many]:
        _one_of_them(server, talk, card)
    if len(listed) > many:
        st.button("Show more", key="chat_more", on_click=_more, args=(many + _PAGE,), type="tertiary")


def what_to_do_with(server: Server, talk: Talk, id: str) -> None:
    """A menu for the conversation that is open."""
    is_asked = st.session_state.get(_DELETING) == id
    # With another key it is another menu, which is shut: an open one would lie above the question.
    with st.popover("Conversation", icon=":material/more_horiz:", key=f"chat_menu_{id}_{is_asked}"):
        with st.form(f"chat_rename_{id}", border=False):
            title = st.text_input("Name", talk.title, max_chars=200)
            if st.form_submit_button("Rename", icon=":material/edit:", width="stretch") and title.strip():
                talk.title = server.send("PATCH", f"{_PATH}/{id}", {"title": title.strip()})["title"]
                st.rerun()
        name = _file_name(talk.title)
        st.download_button(
            "Export as Markdown",
            lambda: _as_markdown(server, id),
            f"{name}.md",
            "text/markdown",
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
            key="chat_export_markdown",
        )
        st.download_button(
            "Export as JSON",
            lambda: json.dumps(server.read(f"{_PATH}/{id}"), ensure_ascii=False, indent=2),
            f"{name}.json",
            "application/json",
            icon=":material/data_object:",
            on_click="ignore",
            width="stretch",
            key="chat_export_json",
        )
        st.button(
            "Delete…", icon=":material/delete:", width="stretch", key="chat_delete", on_click=_ask_first, args=(id,)
        )
    if is_asked:
        _deleting(server, talk)


@st.dialog("Delete this conversation?", icon=":material/delete:", on_dismiss=lambda: _ask_first(None))
def _deleting(server: Server, talk: Talk) -> None:
    st.markdown(f"**{plain(talk.title)}** will be gone for good.")
    with st.container(horizontal=True):
        is_wanted = st.button("Delete", type="primary", key="chat_delete_yes")
        is_kept = st.button("Keep it", key="chat_delete_no")
    if is_wanted:
        try:
            server.send("DELETE", f"{_PATH}/{talk.id}")
        except Trouble as trouble:
            st.error(plain(str(trouble)))
            return
        begin_new()
    if is_wanted or is_kept:
        _ask_first(None)
        st.rerun()


def _ask_first(id: str | None) -> None:
    st.session_state[_DELETING] = id


def _one_of_them(server: Server, talk: Talk, card: dict[str, Any]) -> None:
    title = str(card.get("title") or "without a name")
    is_open = card["id"] == talk.id
    st.button(
        plain(title if len(title) < 42 else title[:40] + "…"),
        key=f"chat_open_{card['id']}",
        type="secondary" if is_open else "tertiary",
        icon=":material/chat_bubble:",
        help=f"{_when(card.get('updated'))}, with {plain(str(card.get('asked') or 'nobody'))}",
        on_click=_open,
        args=(server, card["id"]),
        width="stretch",
    )


def _open(server: Server, id: str) -> None:
    leave_menu()
    try:
        opened(server, id)
    except Trouble as trouble:
        st.toast(plain(str(trouble)), icon=":material/error:")


def _more(many: int) -> None:
    st.session_state["chat_many"] = many


def _as_markdown(server: Server, id: str) -> str:
    return server.read_text(f"{_PATH}/{id}", format="markdown")


def _file_name(title: str) -> str:
    return re.sub(r"[^\w -]+", "", title).strip()[:60] or "conversation"


def _when(moment: Any) -> str:
    if not isinstance(moment, int | float):
        return "some time ago"
    return datetime.fromtimestamp(moment, UTC).astimezone().strftime("%d %B %Y, %H:%M")
