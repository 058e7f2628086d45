"""One question and the answers to it that come at the same time, each read by a thread of its own."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from ..chat.exchange import Answer, Exchange
from ..chat.talk import Talk, who
from ..server import Server, Trouble
from .contenders import Contender

_HEAT = "compare_heat"


@dataclass
class Lane:
    """One contender and its answer, of which nothing is kept on the server."""

    contender: Contender
    talk: Talk

    @property
    def answer(self) -> Answer:
        """As far as it is here."""
        return self.talk.exchanges[-1].answer

    @property
    def is_running(self) -> bool:
        """Whether more of it may come."""
        return self.talk.live is not None

    @property
    def has_answered(self) -> bool:
        """Whether it came to its end, and a good one."""
        return not self.is_running and not (self.answer.problem or self.answer.was_stopped)

    def read_on(self) -> None:
        """Take in what has come since, without waiting for more."""
        live = self.talk.live
        if live is None:
            return
        try:
            for name, data in live.events(0):
                self.talk.take(name, data)
        except Trouble as trouble:
            self.talk.fail(trouble)
        if live.is_over:
            self.talk.ended()


@dataclass
class Heat:
    """Everybody who was asked this question."""

    question: str
    lanes: list[Lane] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        """Whether somebody still answers."""
        return any(lane.is_running for lane in self.lanes)

    @property
    def words(self) -> int:
        """How many characters there are to draw."""
        return sum(len(lane.answer.text) for lane in self.lanes)

    def stop(self) -> None:
        """Hang up on all: the server then stops the models."""
        for lane in self.lanes:
            lane.talk.stop()


def heat_of_session() -> Heat | None:
    """The last one."""
    heat: Heat | None = st.session_state.get(_HEAT)
    return heat


def begin(server: Server, question: str, contenders: list[Contender], wishes: dict[str, Any]) -> Heat:
    """Ask all of them at once. What was under way is stopped."""
    forget()
    heat = Heat(question)
    for contender in contenders:
        talk = Talk([Exchange(question)])
        body = {"message": question, **contender.asked, **wishes, "keep": False}
        talk.begin(server.stream("/chat", body), who(contender.asked))
        heat.lanes.append(Lane(contender, talk))
    st.session_state[_HEAT] = heat
    return heat


def forget() -> None:
    """Leave the question for an empty page."""
    if heat := st.session_state.pop(_HEAT, None):
        heat.stop()
