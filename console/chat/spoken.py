"""A conversation of either door: its exchanges, and the answer on its way to the last question."""

import time
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from ..server import Stream, Trouble
from .exchange import Details, Exchange
from .shown import GrowingAnswer

_LOOK_SECONDS = 0.05


@dataclass
class Spoken:
    """What was said. Who speaks through a door says in `take` what its events mean."""

    exchanges: list[Exchange] = field(default_factory=list)
    live: Stream | None = None
    began: float = 0.0
    asked: Details = field(default_factory=Details)
    """What is known of the answer on its way before the server has told anything."""

    def take(self, name: str, data: dict[str, Any]) -> None:
        """One event of the answer."""
        raise NotImplementedError

    def fail(self, trouble: Trouble) -> None:
        """The answer does not come, or no further."""
        answer = self.exchanges[-1].answer
        answer.problem, answer.what_to_do = str(trouble), trouble.what_to_do

    def begin(self, stream: Stream, asked: Details | None = None) -> None:
        """The answer to the last question comes from there."""
        self.live, self.began, self.asked = stream, time.monotonic(), asked or Details()

    def stop(self) -> None:
        """Hang up, where an answer is on its way: the server then stops the model."""
        if self.live is not None:
            self.live.close()
            self.live = None
            self.exchanges[-1].answer.was_stopped = True
            self._note_end()

    def ended(self) -> None:
        """The answer has come to its end; it may have been a poor one."""
        self.live = None
        answer = self.exchanges[-1].answer
        if not (answer.text or answer.images or answer.problem or answer.was_stopped):
            answer.problem = "The answer ended without a word."
        self._note_end()

    def _note_first_word(self) -> None:
        """When it came, as long as the server has not told."""
        answer = self.exchanges[-1].answer
        if answer.text and answer.details is None:
            answer.details = replace(self.asked, first_content=time.monotonic() - self.began)

    def _note_end(self) -> None:
        """When it came: of an answer that was stopped or has failed the server tells no numbers."""
        answer = self.exchanges[-1].answer
        if answer.details is None or answer.details.seconds is None:
            answer.details = replace(answer.details or self.asked, seconds=time.monotonic() - self.began)

    def show_while_it_comes(self) -> None:
        """Shows the answer until it is whole. Whatever is clicked meanwhile, the next run goes on with it."""
        answer, growing = self.exchanges[-1].answer, GrowingAnswer()
        st.button("Stop", icon=":material/stop_circle:", key="chat_stop", on_click=self.stop)
        while self.live is not None and not self.live.is_over:
            try:
                for name, data in self.live.events():
                    self.take(name, data)
            except Trouble as trouble:
                self.fail(trouble)
                break
            growing.show(answer)
            time.sleep(_LOOK_SECONDS + len(answer.text) / 400_000)  # what is long is sent again less often
        self.ended()
        st.rerun()
