"""The view of single requests: the latest, the failed, the slow and the dear ones, each with what happened when."""

from typing import NamedTuple

import streamlit as st

from ..chat.numbers import dollars, seconds
from ..server import Server
from ..text import in_words, plain
from .answers import Answered, answers_told
from .filters import Only
from .period import Period
from .tracing import trace_shown

_PAGE = 20
_MOST = 200
_MARKS = {"answered": ":green[●]", "failed": ":red[●]", "broken": ":orange[●]", "refused": ":orange[●]"}


class Which(NamedTuple):
    """Some of the requests: which of them, and which first."""

    order: str
    outcome: str | None = None
    """What came of one of its attempts at least."""
    answered: str | None = None
    """Whether it was answered in the end, `true` or `false`; None where that is all the same."""
    nothing: str = "Nobody asked anything in these days."


_WHICH = {
    "Latest": Which("latest"),
    "Failed": Which("latest", "failed", "false", "Every request was answered in these days, some by another try."),
    "Rescued": Which("latest", "failed", "true", "No failed attempt was made good by another one in these days."),
    "Refused": Which("latest", "refused", nothing="Nobody was refused in these days, as by a spent budget."),
    "Broken off": Which("latest", "broken", nothing="No answer has broken off in these days."),
    "Slowest": Which("slowest"),
    "Slow to begin": Which("first_content", nothing="No answer has begun in these days."),
    "Dearest": Which("dearest", nothing="Of no answer in these days it is known what it cost."),
}


def requests(server: Server, period: Period, only: Only) -> None:
    """The view."""
    name = st.pills("Which", list(_WHICH), default="Latest", required=True, key="usage_which", persist_state="session")
    which = _WHICH[name or "Latest"]
    many = min(st.session_state.get("usage_many", _PAGE), _MOST)
    wanted = {"outcome": which.outcome, "answered": which.answered, "order": which.order}
    asked = {**period.params, **dict(only.where), **wanted}
    answers, is_all = answers_told(server, **asked, limit=many)
    if not answers:
        st.info(f"{which.nothing} Choose other days above.", icon=":material/info:")
        return
    for answer in answers:
        _one_of_them(answer)
    with st.container(horizontal=True):
        if not is_all and many < _MOST:
            st.button("Show more", key="usage_more", on_click=_more, args=(many + _PAGE,))
        st.download_button(
            "Download as CSV",
            lambda: server.read_text("/usage/attempts", **asked, limit=_MOST, format="csv"),
            f"requests-{period.first}-{period.last}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="usage_requests_csv",
        )


def _one_of_them(answer: Answered) -> None:
    name = answer.reference or f"{answer.at.timestamp():.6f}"
    with st.expander(_line(answer), key=f"usage_request_{name}", on_change="rerun") as opened:
        if opened.open:  # a hundred plots that nobody looks at would take their time
            trace_shown(answer)


def _line(answer: Answered) -> str:
    """Everything that tells one from the other, in the order in which people look for it."""
    parts = [
        f"{_MARKS.get(answer.outcome, ':gray[●]')} {answer.at:%d %b, %H:%M:%S}",
        f"**{plain(answer.bot or answer.attempts[-1].who)}**",
        plain(seconds(answer.seconds)),
        *([plain(dollars(answer.cost))] if answer.cost is not None else []),
        *([f":red[{plain(', '.join(map(in_words, answer.errors)))}]"] if answer.errors else []),
    ]
    tries = len(answer.attempts)
    return " · ".join([*parts, *([f"{tries} attempts"] if tries > 1 else [])])


def _more(many: int) -> None:
    st.session_state["usage_many"] = many
