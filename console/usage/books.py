"""Answers of /usage for a moment: whoever looks at the same days from another side does not wait for them again."""

import time
from collections.abc import Sequence

import streamlit as st

from ..server import Server
from .sums import Question, Told, all_told

_BOOKS = "usage_books"
_FRESH_SECONDS = 10
_MOST = 300


def forget() -> None:
    """Look everything up anew."""
    st.session_state.pop(_BOOKS, None)


def looked_up(server: Server, questions: Sequence[Question]) -> list[Told]:
    """The answers to these questions; what is not known yet is asked for at the same time."""
    # Of this session alone: another one may not have the key.
    books: dict[tuple[str, Question], tuple[float, Told]] = st.session_state.setdefault(_BOOKS, {})
    now = time.monotonic()
    old = [name for name, (at, _) in books.items() if now - at > _FRESH_SECONDS or len(books) > _MOST]
    for name in old:
        del books[name]
    missing = [each for each in dict.fromkeys(questions) if (server.address, each) not in books]
    for question, told in zip(missing, all_told(server, missing), strict=True):
        books[server.address, question] = (now, told)
    return [books[server.address, each][1] for each in questions]
