"""The first view: the numbers of these days, how they changed, who they come from, and what failed."""

import streamlit as st

from ..going import go_to
from ..server import Server
from ..text import in_words, plain
from .books import looked_up
from .filters import Only
from .measures import ERRORS, FIRST_WORD, MEASURES, MONEY, REQUESTS, SAVED, TOKENS, Measure
from .period import Period
from .plots import over_time, side_by_side
from .series import largest, points_of, questions_of
from .sums import BY, Question, Sums, Told

_SPARK_FROM_DAYS = 3
_HARDLY = 0.05
"""A change by less is none."""
_SELDOM = ("Saved", "Price unknown")
"""Columns that are left out where they would hold nothing."""


def overview(server: Server, period: Period, only: Only) -> None:
    """The view."""
    days, before = looked_up(server, [Question(period, "day", only.where), Question(period.before, "day", only.where)])
    if not days.total.requests:
        _nothing(period, only)
        return
    _numbers(period, days, before.total)
    _changes(server, period, only, days)
    _failures(days.total)


def _nothing(period: Period, only: Only) -> None:
    with st.container(border=True):
        st.markdown("##### :material/bar_chart_off: Nothing to show yet", anchors=False)
        if only.where:
            st.markdown(f"Nobody asked **{plain(only.name)}** {period.in_words}. Choose *Everything*, or other days.")
            return
        st.markdown(
            f"Nobody asked anything {period.in_words}. Choose other days, or ask something: every answer shows here a"
            " second later."
        )
        if st.button("Ask something", icon=":material/forum:", type="primary", key="usage_to_chat"):
            go_to("chat")


def _numbers(period: Period, days: Told, before: Sums) -> None:
    by_day = {group.name: group.sums for group in days.groups}
    with st.container(horizontal=True, key="usage_numbers"):
        for measure in (MONEY, REQUESTS, TOKENS, FIRST_WORD, ERRORS, SAVED):
            line = _line(measure, [by_day.get(day.isoformat(), Sums()) for day in period.days])
            st.metric(
                f"{measure.icon} {measure.title}",
                plain(measure.in_words(days.total)),
                _change(measure, days.total, before),
                delta_color=measure.more_is,
                help=measure.help,
                border=True,
                height="stretch",
                chart_data=line if len(line) >= _SPARK_FROM_DAYS else None,
                chart_type="bar" if measure.adds_up else "line",
            )
    notes = [f"{_change_note(period)}"] if before.requests else []
    if days.total.first_content_p95 is not None:
        notes.append(f"nineteen of twenty answers began within {days.total.first_content_p95:.2f} s")
    if days.total.unknown_cost:
        many = "1 attempt" if days.total.unknown_cost == 1 else f"{days.total.unknown_cost:,} attempts"
        notes.append(f"what {many} cost nobody knows: a `price` at the model would say")
    if notes:
        st.caption(". ".join(note[:1].upper() + note[1:] for note in notes) + ".")


def _line(measure: Measure, days: list[Sums]) -> list[float]:
    """What adds up is nothing on a day without anything; of the rest such a day tells nothing."""
    values = [measure.of(day) for day in days]
    return [value or 0 for value in values if value is not None or measure.adds_up]


def _change_note(period: Period) -> str:
    many = len(period.days)
    return "arrows compare with the day before" if many == 1 else f"arrows compare with the {many} days before"


def _change(measure: Measure, now: Sums, before: Sums) -> str | None:
    old, new = measure.of(before), measure.of(now)
    if not old or new is None:
        return None
    share = (new - old) / old
    if abs(share) < _HARDLY:
        return None
    return f"{(new - old) * 100:+.1f} points" if measure.is_share else f"{share:+.0%}"


def _changes(server: Server, period: Period, only: Only, days: Told) -> None:
    title = st.pills(
        "Measure", list(MEASURES), default=MONEY.title, required=True, key="usage_measure", persist_state="session"
    )
    words = {by: word for by, word in BY.items() if by != "user" or only.fits_people}
    by = st.segmented_control(
        "Told apart by",
        list(words),
        default="bot",
        required=True,
        format_func=lambda by: BY[by],
        key="usage_by",
        persist_state="session",
    )
    measure = MEASURES.get(title or "", MONEY)
    question = Question(period, by or "bot", only.where)
    [found] = looked_up(server, [question])
    groups = largest(found.groups, measure)
    if not groups:
        st.info(_why_empty(measure), icon=":material/info:")
    elif len(period.days) == 1:
        values = {group.name: measure.of(group.sums) or 0 for group in groups}
        st.vega_lite_chart(side_by_side(dict(sorted(values.items(), key=lambda each: -each[1])), measure))
    else:
        each_day = looked_up(server, questions_of(period, only.where, groups))
        points = points_of(period, days, groups, each_day, measure)
        st.vega_lite_chart(over_time(points, [group.name for group in groups], measure))
    _table(server, found, question)


def _why_empty(measure: Measure) -> str:
    if measure is SAVED:
        return "The cache has saved nothing in these days. `cache: {ttl: 1h}` in the entry of a bot lets it answer."
    if measure is MONEY:
        return "These answers have cost nothing, or nobody knows what: a `price` at their model would say."
    return "There is nothing of it in these days."


def _table(server: Server, found: Told, question: Question) -> None:
    rows = [
        {
            BY[question.by]: group.name,
            "Money": float(group.sums.cost),
            "Requests": group.sums.requests,
            "Tokens in": group.sums.input_tokens,
            "Tokens out": group.sums.output_tokens,
            "First word": group.sums.first_content_p50,
            "95% within": group.sums.first_content_p95,
            "Failed attempts": None if group.sums.error_rate is None else group.sums.error_rate * 100,
            "Saved": None if group.sums.saved_cost is None else float(group.sums.saved_cost),
            "Price unknown": group.sums.unknown_cost,
        }
        for group in found.groups
    ]
    st.dataframe(
        rows,
        hide_index=True,
        placeholder="",
        column_order=[name for name in rows[0] if name not in _SELDOM or any(row[name] for row in rows)],
        column_config={
            BY[question.by]: st.column_config.TextColumn(pinned=True, width="medium"),
            "Money": st.column_config.NumberColumn(format="$%.4f", help="US dollars"),
            **{
                name: st.column_config.NumberColumn(format="localized")
                for name in ("Requests", "Tokens in", "Tokens out")
            },
            "First word": st.column_config.NumberColumn(format="%.2f s", help="Half of the answers began sooner."),
            "95% within": st.column_config.NumberColumn(format="%.2f s", help="Nineteen of twenty began sooner."),
            "Failed attempts": st.column_config.NumberColumn(
                format="%.1f%%", help="Attempts that failed; another one may have saved the answer."
            ),
            "Saved": st.column_config.NumberColumn(format="$%.4f", help="What the cache has saved"),
            "Price unknown": st.column_config.NumberColumn(help="Attempts of which nobody knows what they cost"),
        },
        key=f"usage_table_{question.by}",
    )
    st.download_button(
        "Download as CSV",
        lambda: server.read_text("/usage", format="csv", **question.params),
        f"usage-by-{question.by}-{question.period.first}-{question.period.last}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="usage_csv",
    )


def _failures(total: Sums) -> None:
    if not total.errors:
        return
    st.subheader("What failed", anchor=False)
    most = max(total.errors.values())
    for error, count in list(total.errors.items())[:6]:
        st.progress(count / most, f"**{plain(in_words(error))}** · {count:,} {'attempt' if count == 1 else 'attempts'}")
    with st.container(horizontal=True):
        for which, label in (("Failed", "See the failed requests"), ("Rescued", "See those that were rescued")):
            key = f"usage_see_{which.lower()}"
            st.button(label, icon=":material/search:", key=key, on_click=_see, args=(which,))


def _see(which: str) -> None:
    st.session_state["usage_view"] = "Requests"
    st.session_state["usage_which"] = which
