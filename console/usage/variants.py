"""The view of A/B tests: what tells the variants of a bot apart, and whether that may be an accident."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import streamlit as st

from ..chat.numbers import dollars, seconds
from ..server import Server
from ..text import plain
from .filters import Only
from .measures import percent
from .period import Period
from .plots import intervals

_EXAMPLE = """bots:
  - bot_name: Poet
    targets:
      - {target: openai, name: a}
      - {target: anthropic, name: b}
    split: {a: 50, b: 50}
"""


def _dollars(mean: float) -> str:
    return dollars(Decimal(str(round(mean, 9))))


class Aspect(NamedTuple):
    """Something in which variants differ. Less is better in all of them."""

    title: str
    value: str
    """The field of what was seen."""
    interval: str
    axis: str
    format: str
    in_words: Callable[[float], str]
    better: str
    too_few: str


_FEW = "30 answers are needed to say in which range it lies in truth."
_ASPECTS = (
    Aspect(
        "Failed attempts",
        "error_rate",
        "error_rate_interval",
        "Attempts that failed",
        ".1%",
        percent,
        "fails less often",
        "",
    ),
    Aspect("Cost", "cost_mean", "cost_interval", "US dollars an answer", "$,~r", _dollars, "costs less", _FEW),
    Aspect(
        "First word",
        "first_content_mean",
        "first_content_interval",
        "Seconds, on average",
        ",~r",
        seconds,
        "begins sooner",
        _FEW,
    ),
    Aspect(
        "Whole answer",
        "seconds_mean",
        "seconds_interval",
        "Seconds, on average",
        ",~r",
        seconds,
        "is done sooner",
        _FEW,
    ),
)


@dataclass(frozen=True)
class Variant:
    """One of the variants of a bot."""

    name: str
    requests: int
    said: Mapping[str, Any]

    def seen(self, aspect: Aspect) -> float | None:
        """What was seen."""
        value: float | None = self.said.get(aspect.value)
        return value

    def interval(self, aspect: Aspect) -> tuple[float, float] | None:
        """In which the true value lies with 95%."""
        found = self.said.get(aspect.interval)
        return (found[0], found[1]) if found else None


def variants(server: Server, period: Period, only: Only) -> None:
    """The view."""
    asked = {"by": "variant", **period.params, **dict(only.where)}
    said = server.read("/usage", **asked)
    bots: dict[str, list[Variant]] = {}
    for each in said["groups"]:
        if each["variant"]:
            bots.setdefault(each["bot"], []).append(Variant(each["variant"], each["requests"], each))
    tests = {bot: sorted(found, key=lambda each: each.name) for bot, found in bots.items() if len(found) > 1}
    if not tests:
        _nothing(period)
        return
    for bot, found in tests.items():
        _test_shown(bot, found)
    st.caption(
        "A dot is what was seen; the true value lies within its line with a probability of 95%. When two lines do not"
        " overlap, the difference is no accident."
    )
    st.download_button(
        "Download as CSV",
        lambda: server.read_text("/usage", format="csv", **asked),
        f"variants-{period.first}-{period.last}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="usage_variants_csv",
    )


def _nothing(period: Period) -> None:
    with st.container(border=True):
        st.markdown("##### :material/science: No A/B test", anchors=False)
        st.markdown(
            f"No bot had two variants with answers {period.in_words}. `split:` in the entry of a bot makes one:"
        )
        st.code(_EXAMPLE, language="yaml")


def _test_shown(bot: str, found: Sequence[Variant]) -> None:
    with st.container(border=True):
        st.markdown(f"##### {plain(bot)}", anchors=False)
        st.caption(" · ".join(f"{plain(each.name)}: {_many(each.requests)}" for each in found))
        for verdict in _verdicts(found):
            st.markdown(verdict)
        columns = [column for _ in range(2) for column in st.columns(2)]
        for aspect, column in zip(_ASPECTS, columns, strict=True):
            with column:
                _aspect_shown(aspect, found)


def _many(requests: int) -> str:
    return "1 request" if requests == 1 else f"{requests:,} requests"


def _aspect_shown(aspect: Aspect, found: Sequence[Variant]) -> None:
    rows = [
        {
            "variant": each.name,
            "value": seen,
            "low": interval[0],
            "high": interval[1],
            "words": aspect.in_words(seen),
            "range": f"{aspect.in_words(interval[0])} to {aspect.in_words(interval[1])}",
        }
        for each in found
        if (seen := each.seen(aspect)) is not None and (interval := each.interval(aspect))
    ]
    st.markdown(f"**{aspect.title}**")
    if rows:
        st.vega_lite_chart(intervals(rows, aspect.axis, aspect.format))
    rest = [each for each in found if each.name not in {row["variant"] for row in rows}]
    for each in rest:
        seen = each.seen(aspect)
        known = "nothing is known yet" if seen is None else f"{aspect.in_words(seen)} so far"
        st.caption(f"{plain(each.name)}: {plain(known)}. {aspect.too_few}")


def _verdicts(found: Sequence[Variant]) -> list[str]:
    """A sentence for each difference that is no accident; or that there is none yet."""
    said = [sentence for aspect in _ASPECTS if (sentence := _verdict(aspect, found))]
    return said or [":gray[:material/balance: No difference yet that could not be an accident.]"]


def _verdict(aspect: Aspect, found: Sequence[Variant]) -> str | None:
    known = [(interval, each) for each in found if (interval := each.interval(aspect)) is not None]
    if len(known) < len(found):
        return None
    (best, winner), *others = sorted(known, key=lambda each: each[0][1])
    if any(low <= best[1] for (low, _), _ in others):
        return None
    than = plain(others[0][1].name) if len(others) == 1 else "the others"
    return f":green[:material/check_circle:] **{plain(winner.name)}** {aspect.better} than {than}."
