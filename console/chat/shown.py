"""Exchanges on the page: finished ones, and one that grows."""

import time
from collections.abc import Iterator

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ..text import Piece, in_words, pieces_of, plain
from .exchange import Answer, Attempt, Details, Exchange, picture_in
from .numbers import dollars, seconds

_FAILED = ":orange[:material/close:]"
_MARKS = {"answered": ":green[:material/check:]", "failed": _FAILED, "broken": _FAILED}
_THINKING = ":material/neurology: Thinking"


def text_shown(text: str) -> None:
    """Words of a model or a bot."""
    for piece in pieces_of(text):
        _piece_shown(st.container(), piece)


def question_shown(exchange: Exchange) -> None:
    """What the person has said."""
    with st.chat_message("user", avatar=":material/person:"):
        for piece in pieces_of(exchange.question):
            lines = piece.text if piece.is_code else piece.text.replace("\n", "  \n")  # each stays a line
            _piece_shown(st.container(), piece._replace(text=lines))
        with st.container(horizontal=True):
            for picture in exchange.pictures:
                _picture_shown(picture, 220)
        for name, _ in exchange.files:
            st.caption(f":material/attach_file: {plain(name)}")


def answer_shown(answer: Answer) -> None:
    """The parts of an answer that has come to its end, and what is known of it."""
    if answer.reasoning:
        with st.expander(_THINKING):
            text_shown(answer.reasoning)
    text_shown(answer.text)
    for image in answer.images:
        _image_shown(image)
    if answer.problem:
        st.warning(f"{plain(answer.problem)} {answer.what_to_do}".strip(), icon=":material/error:")
    elif answer.was_stopped:
        st.caption(":material/stop_circle: Stopped.")
    if answer.details:
        _details_shown(answer.details)


class GrowingAnswer:
    """Shows an answer while it comes. Only what has changed since is sent to the browser."""

    def __init__(self, began: float | None = None) -> None:
        """`began` is when the question was asked, in monotonic seconds; else it is now."""
        self._began = time.monotonic() if began is None else began
        self._waiting = st.empty()
        self._thinking = st.empty()
        self._parts = st.container()
        self._slots: list[DeltaGenerator] = []
        self._shown: list[Piece] = []
        self._words = ""
        self._thoughts = ""

    def show(self, answer: Answer) -> None:
        """The answer as it is now."""
        if answer.reasoning != self._thoughts:
            self._thoughts = answer.reasoning
            with self._thinking.container(), st.expander(_THINKING, expanded=not answer.text):
                text_shown(answer.reasoning)
        if answer.text != self._words:
            self._words = answer.text
            self._show_pieces(pieces_of(answer.text))
        if answer.text:
            self._waiting.empty()
        else:
            waited = int(time.monotonic() - self._began)
            self._waiting.caption(
                f":material/pending: {'Thinking' if answer.reasoning else 'Waiting for the first word'}… {waited} s"
            )

    def _show_pieces(self, pieces: list[Piece]) -> None:
        for slot in self._slots[len(pieces) :]:
            slot.empty()
        del self._shown[len(pieces) :]
        for number, piece in enumerate(pieces):
            if number == len(self._slots):
                self._slots.append(self._parts.empty())
            if number == len(self._shown):
                self._shown.append(piece)
            elif self._shown[number] == piece:
                continue
            self._shown[number] = piece
            _piece_shown(self._slots[number], piece)


def _piece_shown(where: DeltaGenerator, piece: Piece) -> None:
    if piece.is_code:
        where.code(piece.text, language=piece.language or None, wrap_lines=False)
    else:
        where.markdown(piece.text, anchors=False)


def _image_shown(address: str) -> None:
    """One that came with the answer is shown; for one that lies elsewhere the person decides."""
    if address.startswith("https://"):
        st.link_button("Open the picture", address, icon=":material/image:")
    else:
        _picture_shown(picture_in(address) or b"", 420)


def _picture_shown(picture: bytes, width: int) -> None:
    try:
        st.image(picture, width=width)
    except (ValueError, OSError):  # it is damaged, or no picture at all
        st.caption("A picture is here that cannot be shown.")


def _details_shown(details: Details) -> None:
    if line := " · ".join(_words_of(details)):
        st.caption(line)
    attempts = [attempt for attempt in details.attempts if attempt.was_made]
    has_failed = any(attempt.has_failed for attempt in attempts)
    if has_failed or len(attempts) > 1:
        made = f"{len(attempts)} attempts were made" if len(attempts) > 1 else "1 attempt was made"
        with st.expander(f":{'orange' if has_failed else 'gray'}[:material/alt_route:] {made}"):
            for number, attempt in enumerate(attempts, 1):
                st.markdown(f"{number}. {_attempt_in_words(attempt)}")


def _words_of(details: Details) -> Iterator[str]:
    if who := " / ".join(filter(None, [details.provider or details.bot, details.model])):
        yield f"**{plain(who)}**"
    if details.input_tokens is not None and details.output_tokens is not None:
        yield f"{details.input_tokens:,} + {details.output_tokens:,} tokens"
    if details.cost is not None:
        yield plain(dollars(details.cost))
    if details.is_cached:
        yield "from the cache"
    if details.first_content is not None:
        yield f"first word after {seconds(details.first_content)}"
    if details.seconds is not None:
        yield f"{seconds(details.seconds)} in all"
    if details.finish_reason == "length":
        yield "cut at the longest length"


def _attempt_in_words(attempt: Attempt) -> str:
    who = plain(" / ".join(filter(None, [attempt.provider, attempt.model])))
    mark = _MARKS.get(attempt.outcome, ":gray[:material/remove:]")
    what = plain(in_words(attempt.error) or attempt.outcome)
    took = f" after {seconds(attempt.seconds)}" if attempt.seconds is not None else ""
    return f"{mark} **{who}**: {what}{took}"
