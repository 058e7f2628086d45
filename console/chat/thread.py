"""The conversation on the page: what was said, and below it the answer that is on its way.

Until a run is over Streamlit leaves what the run before it has drawn, also below of what is new. A run that shows an
answer lasts as long as the answer: so everything stands in a place of its own, which is emptied at once when there is
nothing to be in it any more.
"""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from .exchange import Exchange
from .shown import answer_shown, question_shown
from .spoken import Spoken

BOT = ":material/smart_toy:"


def said_shown(talk: Spoken, what_next: Callable[[], None]) -> DeltaGenerator:
    """Every exchange that is whole, with `what_next` in the last one. Gives the place of the one that is not."""
    for exchange in talk.exchanges:
        place, is_last = st.empty(), exchange is talk.exchanges[-1]
        if not is_last or talk.live is None:
            with place.container():
                _exchange_shown(exchange, what_next if is_last else None)
    return st.empty()


def coming_shown(talk: Spoken, place: DeltaGenerator) -> None:
    """The answer while it comes, in that place."""
    if talk.live is not None:
        with place.container():
            question_shown(talk.exchanges[-1])
            with st.chat_message("assistant", avatar=BOT):
                talk.show_while_it_comes()


def _exchange_shown(exchange: Exchange, what_next: Callable[[], None] | None) -> None:
    question_shown(exchange)
    with st.chat_message("assistant", avatar=BOT):
        answer_shown(exchange.answer)
        below = st.empty()
        if what_next is not None:
            with below.container():
                what_next()
