"""The page Usage: which view, and of which days."""

from collections.abc import Callable

import streamlit as st

from ..going import has_just_come
from ..server import NotThere, Refused, Server
from ..text import plain
from .books import forget
from .budgets import budgets
from .filters import Only, only_chosen
from .overview import overview
from .period import Period, period_chosen
from .requests import requests
from .variants import variants

_OF_DAYS: dict[str, Callable[[Server, Period, Only], None]] = {
    "Overview": overview,
    "Requests": requests,
    "A/B tests": variants,
}
_BUDGETS = "Budgets"
_NO_RECORDS = 503


def show(server: Server) -> None:
    """The page."""
    st.title("Usage", anchor=False)
    if has_just_come():
        forget()
    view = st.segmented_control(
        "View",
        [*_OF_DAYS, _BUDGETS],
        default="Overview",
        required=True,
        key="usage_view",
        persist_state="session",
        label_visibility="collapsed",
        width="stretch",
    )
    try:
        if view == _BUDGETS:
            budgets(server)
        else:
            with st.container(horizontal=True):
                period = period_chosen()
                only = only_chosen(server, period)
                st.button("", icon=":material/refresh:", key="usage_anew", on_click=forget, help="Look again")
            _OF_DAYS[view or "Overview"](server, period, only)
    except NotThere:
        st.info("This server is older than this page, and has no such numbers.", icon=":material/info:")
    except Refused as refused:
        if refused.status != _NO_RECORDS:
            raise
        st.info(
            f"{plain(str(refused))} In a file called `.env` that is a line such as `LEDGER=sqlite`;"
            " then start the server again.",
            icon=":material/info:",
        )
