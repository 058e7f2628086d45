"""From which day to which: days are those of UTC, as the server counts them."""

import datetime
from dataclasses import dataclass

import streamlit as st

_OWN = "Dates"
_ROOM_FOR_TWO = 280
"""So many pixels have both dates in them."""
_DAYS = {"Today": 1, "7 days": 7, "30 days": 30, "90 days": 90}


@dataclass(frozen=True)
class Period:
    """Some days, the last one included."""

    first: datetime.date
    last: datetime.date

    @property
    def days(self) -> list[datetime.date]:
        """All of them."""
        return [self.first + datetime.timedelta(number) for number in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> "Period":
        """As many days just before it."""
        last = self.first - datetime.timedelta(1)
        return Period(last - (self.last - self.first), last)

    @property
    def params(self) -> dict[str, str]:
        """As the doors of the server take it."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}

    @property
    def in_words(self) -> str:
        """For a sentence."""
        if self.first == self.last:
            return f"on {_day(self.first)}"
        return f"from {_day(self.first)} to {_day(self.last)}"


def period_chosen() -> Period:
    """What the person has chosen."""
    today = datetime.datetime.now(datetime.UTC).date()
    said = st.segmented_control(
        "Days",
        [*_DAYS, _OWN],
        default="30 days",
        required=True,
        key="usage_days",
        persist_state="session",
        label_visibility="collapsed",
        help="Days begin at midnight in UTC.",
    )
    if said in _DAYS:
        return Period(today - datetime.timedelta(_DAYS[said] - 1), today)
    chosen = st.date_input(
        "From and to",
        (today - datetime.timedelta(29), today),
        max_value=today,
        key="usage_dates",
        persist_state="session",
        format="YYYY-MM-DD",
        label_visibility="collapsed",
        width=_ROOM_FOR_TWO,
    )
    dates = chosen if isinstance(chosen, tuple) else (chosen,)
    return Period(dates[0], dates[-1]) if dates else Period(today, today)


def _day(date: datetime.date) -> str:
    return f"{date.day} {date:%B %Y}"
