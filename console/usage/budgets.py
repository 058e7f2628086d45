"""The view of budgets: how much of each is used up, and when the next one begins."""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import streamlit as st

from ..chat.numbers import dollars
from ..server import Server
from ..text import plain
from .measures import many, percent

_EXAMPLE = """bots:
  - bot_name: Poet
    provider: openai
    budget:
      - {usd: 50, per: month}
      - {usd: 0.50, per: day, scope: user}
"""
_KINDS = {"bot": "Bot", "provider": "Provider", "client": "Client"}
_EACH = {"user": "person", "bot": "bot", "provider": "provider"}
_PERIODS = {"day": "today", "month": "this month"}


def budgets(server: Server) -> None:
    """The view."""
    found = server.read("/usage/budgets")["budgets"]
    if not found:
        with st.container(border=True):
            st.markdown("##### :material/account_balance_wallet: No budgets yet", anchors=False)
            st.markdown(
                "A `budget:` in the entry of a bot or of a provider holds it to so much money or so many tokens:"
            )
            st.code(_EXAMPLE, language="yaml")
        return
    st.caption("Days and months begin at midnight in UTC. The fullest are on top.")
    for number, each in enumerate(found):
        _budget_shown(number, each)


def _budget_shown(number: int, said: Mapping[str, Any]) -> None:
    share, warns = float(said["share"]), float(said["warn_at"])
    state = "full" if share >= 1 else "warning" if share >= warns else "fine"
    badges = {
        "full": ":red-badge[:material/block: used up]",
        "warning": f":orange-badge[:material/warning: over {percent(warns)}]",
        "fine": "",
    }
    with st.container(border=True, key=f"usage_budget_{state}_{number}", gap="small"):
        st.markdown(f"**{plain(said['name'])}** :gray[{_whose(said)}] {badges[state]}")
        st.progress(min(share, 1.0), f"**{percent(share)}** of {plain(_limits(said))} {_PERIODS[said['per']]}")
        st.caption(f"{plain(_spent(said))} · a new one begins {_when(said['renews_at'])}")


def _whose(said: Mapping[str, Any]) -> str:
    scope, whose = said["scope"], said["whose"]
    kind = _KINDS.get(said["kind"], str(said["kind"]))
    if scope == "all":
        return f"{kind} · shared by all whose entry says so"
    if scope == said["kind"]:
        return kind
    each = _EACH.get(scope, scope)
    return f"{kind} · {each} {plain(whose[:16])}" if whose else f"{kind} · each {each}"


def _limits(said: Mapping[str, Any]) -> str:
    usd, tokens = said["usd"], said["tokens"]
    parts = [*([dollars(Decimal(usd))] if usd else []), *([f"{many(tokens)} tokens"] if tokens else [])]
    return " and ".join(parts)


def _spent(said: Mapping[str, Any]) -> str:
    usd, tokens = dollars(Decimal(said["spent_usd"])), f"{many(said['spent_tokens'])} tokens"
    spent = " and ".join([*([usd] if said["usd"] else []), *([tokens] if said["tokens"] else [])])
    held = Decimal(said.get("reserved_usd") or 0)
    return f"{spent} spent, {dollars(held)} held for answers under way" if held else f"{spent} spent"


def _when(moment: float) -> str:
    ahead = datetime.datetime.fromtimestamp(moment, datetime.UTC) - datetime.datetime.now(datetime.UTC)
    hours = max(0, round(ahead.total_seconds() / 3600))
    if hours >= 48:
        return f"in {hours // 24} days"
    return f"in {hours} hours" if hours > 1 else "within the hour"
