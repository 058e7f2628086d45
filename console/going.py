"""From one page to another, and out of the menu."""

from collections.abc import Mapping
from typing import NoReturn

import streamlit as st
from streamlit.navigation.page import Page

_PAGES, _HERE, _HAS_COME, _CHOSEN, _TIMES_SHUT = "_pages", "_page", "_has_come", "_has_chosen", "_times_shut"

# Streamlit has no word for it: of what a page may ask of its sidebar, nothing wins over what the person did last.
_SHUTTING = """<script>
document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click(); // time {times}
</script>"""


def remember(pages: Mapping[str, Page]) -> None:
    """The pages of this run, by their paths."""
    st.session_state[_PAGES] = dict(pages)


def arrive(path: str) -> None:
    """Note which page is shown by this run."""
    st.session_state[_HAS_COME] = st.session_state.get(_HERE) != path
    st.session_state[_HERE] = path
    if "Mobi" in (st.context.headers.get("User-Agent") or ""):
        _menu_shut(is_anew=has_just_come() or st.session_state.pop(_CHOSEN, False))


def has_just_come() -> bool:
    """Whether the run before this one has shown another page."""
    return bool(st.session_state.get(_HAS_COME))


def leave_menu() -> None:
    """Something was chosen in the menu that a person now wants to see."""
    st.session_state[_CHOSEN] = True


def go_to(path: str) -> NoReturn:
    """Show that page instead of this one."""
    st.switch_page(st.session_state[_PAGES][path])


def _menu_shut(*, is_anew: bool) -> None:
    """On a phone it covers the page, and stays open by itself. The browser runs the same script only once."""
    times = st.session_state.get(_TIMES_SHUT, 0) + is_anew
    st.session_state[_TIMES_SHUT] = times
    with st.container(key="_shutting"):
        st.html(_SHUTTING.format(times=times), unsafe_allow_javascript=True)
