"""Fields for what one may wish of an answer, wherever it is asked for. None: as it would be without a wish."""

import streamlit as st


def temperature(key: str, unset: str) -> float | None:
    """How wild it is; the field says `unset` while nothing is wished."""
    return st.number_input(
        "Temperature",
        0.0,
        2.0,
        value=None,
        step=0.1,
        placeholder=unset,
        key=key,
        persist_state="session",
        help="0 is sober, 2 is wild.",
    )


def longest_answer(key: str, unset: str) -> int | None:
    """How many tokens it has at most."""
    return st.number_input(
        "Longest answer, in tokens",
        1,
        1_000_000,
        value=None,
        step=256,
        placeholder=unset,
        key=key,
        persist_state="session",
    )
