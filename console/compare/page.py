"""The page Compare: who is asked, the question, and the answers side by side."""

from typing import Any

import streamlit as st

from ..advice import next_step
from ..chat.exchange import Exchange
from ..chat.shown import question_shown
from ..chat.wishes import longest_answer, temperature
from ..server import Server
from ..server.cards import Takes
from ..text import plain
from .contenders import Contender, contenders_of, takes_of
from .going_on import go_on
from .heat import Heat, Lane, begin, forget, heat_of_session
from .shown import growing_shown, whole_shown, wins_shown
from .verdict import wins_of

_FEWEST, _MOST = 2, 4
_IDEAS = (
    "Explain black holes in three sentences",
    "Write a haiku about the sea",
    "List the five largest lakes as a table",
)


def show(server: Server) -> None:
    """The page."""
    st.title("Compare", anchor=False)
    known = contenders_of(server)
    if not known:
        st.info("This server has no bots and no providers yet.", icon=":material/info:")
        return
    chosen = _chosen(known)
    ready = [each for each in chosen if not each.why_not_ready]
    wishes = _wishes([takes_of(server, each) for each in ready])
    for each in chosen:
        if each.why_not_ready:
            why = plain(each.why_not_ready.rstrip("."))
            st.warning(f"**{plain(each.name)}** is left out: {why}. {next_step(each.why_not_ready)}")
    may_ask = len(ready) >= _FEWEST
    if not may_ask:
        st.info("Choose two to four who are ready. Whoever is not says why here.", icon=":material/info:")
    question = _question(ready, may_ask=may_ask)
    heat = begin(server, question, ready, wishes) if question and may_ask else heat_of_session()
    # While answers come, what was below goes at once: `empty` does that, and the end of the run would do it late.
    running, rest = st.container(), st.empty()
    if heat is not None and heat.is_running:
        with running:
            _running_shown(heat)
    elif heat is not None:
        with rest.container():
            _heat_shown(server, heat)
    elif may_ask:
        with rest.container():
            _ideas()


def _chosen(known: dict[str, Contender]) -> list[Contender]:
    first = [name for name, each in known.items() if not each.why_not_ready]
    names = st.multiselect(
        "Who answers",
        list(known),
        default=_unlike(first, known),
        format_func=lambda name: known[name].label if name in known else name,
        max_selections=_MOST,
        placeholder="Bots and models, two to four of them",
        filter_mode="contains",
        select_all=False,  # it would stand first in the list, and Enter would take it
        key="compare_chosen",
        persist_state="session",
        help="All of them get the same question at the same moment. Nothing of it is kept as a conversation, but it"
        " counts in usage and budgets like any other question.",
    )
    return [known[name] for name in names if name in known]


def _unlike(ready: list[str], known: dict[str, Contender]) -> list[str]:
    """Two to begin with, a bot and a model where there are both, and not one model twice where there are more."""
    if not ready:
        return []
    others = sorted(ready[1:], key=lambda name: (known[name].answers == known[ready[0]].answers, bool(known[name].bot)))
    return [ready[0], *others][:_FEWEST]


def _wishes(takes: list[Takes]) -> dict[str, Any]:
    """What is asked of all of them: only what each one takes."""
    wishes: dict[str, Any] = {}
    with st.expander("Settings for all of them", icon=":material/tune:", key="compare_settings"):
        if all(each.system for each in takes):
            system = st.text_area(
                "System message", key="compare_system", persist_state="session", max_chars=20_000, height=80
            )
            wishes["system"] = (system or "").strip() or None
        if all(each.temperature for each in takes):
            wishes["temperature"] = temperature("compare_temperature", "default")
        if all(each.max_tokens for each in takes):
            wishes["max_tokens"] = longest_answer("compare_max_tokens", "default")
        if not wishes:
            st.caption("There is nothing that all of them take.")
    return {name: value for name, value in wishes.items() if value is not None}


def _question(ready: list[Contender], *, may_ask: bool) -> str | None:
    with st.container():  # in one it stays here, instead of at the end of the page
        said = st.chat_input(
            _invitation(len(ready)) if may_ask else "Choose two to four first",
            key="compare_input",
            disabled=not may_ask,
        )
    return said or st.session_state.pop("compare_said", None)


def _invitation(many: int) -> str:
    return "Ask both of them" if many == _FEWEST else f"Ask all {many} of them"


def _ideas() -> None:
    st.caption("Ask them all the same thing, or begin with one of these:")
    with st.container(horizontal=True):
        for number, idea in enumerate(_IDEAS):
            st.button(plain(idea), key=f"compare_idea_{number}", on_click=_say, args=(idea,))


def _say(words: str) -> None:
    st.session_state["compare_said"] = words


def _running_shown(heat: Heat) -> None:
    question_shown(Exchange(heat.question))
    st.button("Stop all", icon=":material/stop_circle:", type="primary", key="compare_stop", on_click=heat.stop)
    growing_shown(heat)


def _heat_shown(server: Server, heat: Heat) -> None:
    question_shown(Exchange(heat.question))
    wins = wins_of(heat.lanes)
    wins_shown(wins)
    whole_shown(heat, wins, lambda number, lane: _what_next(server, number, lane))
    with st.container(horizontal=True):
        st.button("Ask again", icon=":material/refresh:", key="compare_again", on_click=_say, args=(heat.question,))
        st.button("Clear", icon=":material/close:", type="tertiary", key="compare_clear", on_click=forget)


def _what_next(server: Server, number: int, lane: Lane) -> None:
    if lane.answer.text and st.button(
        "Go on with this one", icon=":material/forum:", type="tertiary", key=f"compare_go_on_{number}"
    ):
        go_on(server, lane)
