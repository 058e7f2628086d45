"""How those fare who are asked, in words."""

from collections.abc import Mapping, Sequence

import streamlit as st

from ..chat.numbers import seconds
from ..server.cards import Target
from ..text import plain

_STATES = {
    "closed": ("green", "well"),
    "open": ("red", "not asked"),
    "half-open": ("orange", "tried once"),
    "cooling": ("orange", "waits"),
}
_MOST_SHOWN = 4


def targets_shown(targets: Sequence[Target], not_ready: Mapping[str, str]) -> None:
    """A line for each of them; `not_ready` has why a provider cannot answer, by its name."""
    lines = [f":small[{_line(target, not_ready.get(target.provider, ''))}]" for target in targets]
    st.markdown("  \n".join(lines[:_MOST_SHOWN]))
    if len(lines) > _MOST_SHOWN:
        with st.expander(f"{len(lines) - _MOST_SHOWN} more"):
            st.markdown("  \n".join(lines[_MOST_SHOWN:]))


def _line(target: Target, why_not_ready: str) -> str:
    colour, word = _STATES.get(target.state, ("gray", target.state))
    name = f"{plain(target.name)}{f' ({plain(target.key)})' if target.key else ''}: "
    if target.is_out:
        word = "taken out"
    elif why_not_ready:
        colour, word = "orange", "not ready"
    reason = why_shut(target) or why_not_ready
    why = f" ({plain(reason)})" if reason else ""
    state = "" if target.state == "closed" and not why_not_ready else f"**{plain(word)}**{why} · "
    return f":{colour}[●] {name}{state}{numbers_of(target)}"


def why_shut(target: Target) -> str:
    """Why it is not asked, and for how long."""
    how_long = f"for {target.shut_for:.0f} s" if target.shut_for else ""
    return ", ".join(filter(None, [target.reason, how_long]))


def numbers_of(target: Target) -> str:
    """How often it was asked, and what came of that, as markdown."""
    if not target.attempts:
        return ":gray[not asked yet]"
    parts = [f"{target.attempts:,} asked"]
    if target.success_rate is not None:
        parts.append(f"{100 * target.success_rate:.3g} % answered")
    if target.first_content_p50 is not None and target.first_content_p95 is not None:
        parts.append(f"first word p50 {seconds(target.first_content_p50)}, p95 {seconds(target.first_content_p95)}")
    return " · ".join(part.replace(" ", "\u00a0") for part in parts)
