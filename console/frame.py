"""What is around every page: its name at the top, the server in the sidebar, and a friendly word when things fail."""

import logging
import secrets
from functools import partial
from pathlib import Path

import streamlit as st

from .connection import connection
from .going import arrive, remember
from .pages import PAGES, Page
from .place import server_of_session
from .server import Away, KeyWanted, Trouble
from .text import plain

_log = logging.getLogger(__name__)

_STYLE = Path(__file__).with_name("style.css")
# One of Streamlit's own icons would be fetched from Google, and an emoji from elsewhere.
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#5b5bd6"/>'
    '<path d="M8 10h16v10H15l-5 5v-5H8z" fill="#fff"/></svg>'
)


def show() -> None:
    """The page that was asked for."""
    st.set_page_config(page_title="Poe bots", page_icon=_ICON, layout="wide")
    st.html(_STYLE)
    first = PAGES[0]
    pages = [
        st.Page(
            partial(_guarded, page),
            title=page.title,
            icon=page.icon,
            url_path="home" if page is first else page.path,
            default=page is first,
        )
        for page in PAGES
    ]
    remember({page.path: shown for page, shown in zip(PAGES, pages, strict=True)})
    # The first page is at `/` alone; whoever writes its path finds it there, too.
    also = st.Page(partial(_guarded, first), title=first.title, url_path=first.path, visibility="hidden")
    st.navigation([*pages, also], position="top").run()


def _guarded(page: Page) -> None:
    """The page; or, whatever goes wrong in it, what happened and what to do, and never a stack trace."""
    arrive(page.path)
    with st.sidebar:
        connection()
    try:
        page.show(server_of_session())
    except Trouble as trouble:
        trouble_shown(trouble)
    except Exception:
        reference = secrets.token_hex(4)
        _log.exception("console.failed page=%s ref=%s", page.path, reference)
        st.error(
            f"Something went wrong in the console itself (reference: {reference}). The reason stands in the terminal.",
            icon=":material/error:",
        )
        st.button("Try again", icon=":material/refresh:", key="_again")


def trouble_shown(trouble: Trouble) -> None:
    """What went wrong, what to do about it, and a button to try again."""
    icons = {Away: ":material/cloud_off:", KeyWanted: ":material/key:"}
    headings = {Away: "The server is away", KeyWanted: "A key is needed"}
    with st.container(border=True, key="_trouble"):
        heading = headings.get(type(trouble), "That did not work")
        st.subheader(f"{icons.get(type(trouble), ':material/error:')} {heading}", anchor=False)
        st.markdown(plain(str(trouble)))
        if trouble.what_to_do:
            st.markdown(trouble.what_to_do)
        st.button("Try again", icon=":material/refresh:", type="primary", key="_again")
