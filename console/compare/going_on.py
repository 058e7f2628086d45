"""From a comparison into the chat: the answer that one liked, as the beginning of a conversation."""

import streamlit as st

from ..chat.choosing import choose_bot, choose_model
from ..chat.talk import Talk, begin_new
from ..going import go_to
from ..server import Refused, Server
from .contenders import Contender
from .heat import Lane


def go_on(server: Server, lane: Lane) -> None:
    """Leads to the chat, in which this contender is chosen and this was said."""
    exchange, contender = lane.talk.exchanges[-1], lane.contender
    said = [{"role": "user", "text": exchange.question}, {"role": "assistant", "text": exchange.answer.text}]
    begin_new()
    try:
        kept = server.send("POST", "/chat/conversations", {"messages": said, **contender.asked})
        talk = Talk([exchange], id=kept["id"], title=kept["title"])
    except Refused:  # it keeps none, which the chat says
        talk = Talk([exchange], title=exchange.question, is_kept=False)
    st.session_state["chat_talk"] = talk
    _choose(contender)
    go_to("chat")


def _choose(contender: Contender) -> None:
    if contender.bot:
        choose_bot(contender.bot)
    else:
        choose_model(contender.provider or "", contender.model or "")
