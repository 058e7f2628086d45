"""Whom the numbers are about: everybody, or one bot, provider or model that was asked in these days."""

from dataclasses import dataclass

import streamlit as st

from ..server import Server
from .books import looked_up
from .period import Period
from .sums import BY, Question, Where

_EVERYTHING = "Everything"


@dataclass(frozen=True)
class Only:
    """What the person wants to see."""

    name: str = _EVERYTHING
    where: Where = ()

    @property
    def fits_people(self) -> bool:
        """Whether it can be told apart by person: that is kept by the bot, and by nothing else."""
        return all(name == "bot" for name, _ in self.where)


def only_chosen(server: Server, period: Period) -> Only:
    """What is chosen in the list."""
    choices = _choices(server, period)
    name = st.selectbox(
        "Of",
        [_EVERYTHING, *choices],
        key="usage_only",
        persist_state="session",
        label_visibility="collapsed",
        help="One bot, provider or model alone.",
    )
    return Only(name, choices[name]) if name in choices else Only()


def _choices(server: Server, period: Period) -> dict[str, Where]:
    kinds = [by for by in BY if by != "user"]
    found = looked_up(server, [Question(period, by) for by in kinds])
    return {
        f"{BY[by]}: {group.name}": group.where
        for by, each in zip(kinds, found, strict=True)
        for group in each.groups
        if all(value for _, value in group.where)
    }
