"""The answers side by side: while they come, and when they are whole."""

import time
from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ..chat.shown import GrowingAnswer, answer_shown
from ..text import plain
from .heat import Heat, Lane
from .verdict import Win

_LOOK_SECONDS = 0.08
_SIDE_BY_SIDE = {1: 1, 2: 2, 3: 3, 4: 2}
"""How many stand in a row; four would be too narrow to read."""


class _Place:
    """Where one answer stands. Its parts are places of their own: what is empty in this run is so at once."""

    def __init__(self, lane: Lane, where: DeltaGenerator) -> None:
        with where:
            st.markdown(f"##### {plain(lane.contender.name)}", anchors=False)
            self.badges, self.growing, self.whole, self.below = (st.empty() for _ in range(4))


def growing_shown(heat: Heat) -> None:
    """Draws all answers until the last one is whole. Whatever is clicked meanwhile, the next run goes on with it."""
    places = _places(heat)
    growing: dict[int, GrowingAnswer] = {}
    for number, (lane, place) in enumerate(zip(heat.lanes, places, strict=True)):
        if lane.is_running:
            growing[number] = _begun(number, lane, place)
        else:
            _whole(lane, place)
    while growing:
        for number in list(growing):
            lane = heat.lanes[number]
            lane.read_on()
            if lane.is_running:
                growing[number].show(lane.answer)
            else:
                del growing[number]
                places[number].growing.empty()
                _whole(lane, places[number])
        time.sleep(_LOOK_SECONDS + heat.words / 300_000)  # what is long is sent again less often
    st.rerun()  # now it is known who was best


def whole_shown(heat: Heat, wins: list[Win], below: Callable[[int, Lane], None]) -> None:
    """The answers, and `below` each of them what can be done with it."""
    for number, (lane, place) in enumerate(zip(heat.lanes, _places(heat), strict=True)):
        badges = [f":green-badge[{win.discipline.icon} {win.discipline.badge}]" for win in wins if win.lane is lane]
        if badges:
            place.badges.markdown(" ".join(badges))
        _whole(lane, place)
        with place.below.container():
            below(number, lane)


def _begun(number: int, lane: Lane, place: _Place) -> GrowingAnswer:
    with place.growing.container():
        growing = GrowingAnswer(lane.talk.began)
        st.button(
            "Stop this one",
            icon=":material/stop_circle:",
            type="tertiary",
            key=f"compare_stop_{number}",
            on_click=lane.talk.stop,
        )
    return growing


def _whole(lane: Lane, place: _Place) -> None:
    with place.whole.container():
        answer_shown(lane.answer)


def wins_shown(wins: list[Win]) -> None:
    """Who was best in what, at a glance."""
    if not wins:
        return
    for win, column in zip(wins, st.columns(len(wins)), strict=True):
        say = win.discipline.in_words
        with column.container(border=True, height="stretch", gap="xxsmall"):
            st.caption(f"{win.discipline.icon} {win.discipline.title}")
            st.markdown(f"**{plain(win.lane.contender.name)}**")
            st.caption(f"{plain(say(win.best))} · {win.discipline.worst} {plain(say(win.worst))}")


def _places(heat: Heat) -> list[_Place]:
    a_row = _SIDE_BY_SIDE[len(heat.lanes)]
    columns = [column for _ in range(0, len(heat.lanes), a_row) for column in st.columns(a_row, gap="small")]
    return [
        _Place(lane, column.container(border=True, height="stretch"))
        for lane, column in zip(heat.lanes, columns, strict=False)
    ]
