"""One tiny question to a provider, and what came of it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import streamlit as st

from ..chat.numbers import dollars, seconds
from ..entries.doors import Entry
from ..server import Refused, Server
from ..text import with_names
from .rows import Row

_TRIALS = "providers_trials"


@dataclass(frozen=True)
class Trial:
    """What came of it."""

    is_well: bool
    words: str
    entry: Entry | None
    """Of the provider that was asked."""


def test(server: Server, row: Row) -> None:
    """Ask it, and keep what came of it for this session."""
    try:
        told = server.send("POST", f"/admin/providers/{quote(row.name, safe='')}/test")
        trial = Trial(told["outcome"] == "ok", words_of(told), row.entry)
    except Refused as refused:
        trial = Trial(False, str(refused), row.entry)
    st.session_state.setdefault(_TRIALS, {})[row.name] = trial


def trial_shown(row: Row) -> None:
    """The latest one, where there was one and the provider is still the same."""
    trial: Trial | None = st.session_state.get(_TRIALS, {}).get(row.name)
    if trial is None or trial.entry != row.entry:
        return
    shown, icon = (st.success, "check_circle") if trial.is_well else (st.warning, "error")
    shown(with_names(trial.words), icon=f":material/{icon}:")


def words_of(told: dict[str, Any]) -> str:
    """What came of it, in a sentence: `told` is what the server says of it."""
    if told["outcome"] != "ok":
        problem = (told.get("problem") or "It has failed").rstrip(".")
        return f"{problem[:1].upper()}{problem[1:]}. {told.get('fix') or ''}".strip()
    parts = [f"{told['model']} answers" if told.get("model") else "It answers"]
    if told.get("seconds_to_first_word") is not None:
        parts.append(f"first word after {seconds(told['seconds_to_first_word'])}")
    if told.get("seconds") is not None:
        parts.append(f"{seconds(told['seconds'])} in all")
    if told.get("output_tokens") is not None:
        parts.append(f"{told.get('input_tokens') or 0} + {told['output_tokens']} tokens")
    if told.get("cost") is not None:
        parts.append(dollars(Decimal(told["cost"])))
    return " · ".join(parts)
