"""What was saved just now, and what one could do next."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from ..advice import next_step
from ..text import plain, with_names
from .doors import NAME_KEYS, Outcome, Problem, Section
from .draft import Draft
from .fields import problems_shown


@dataclass(frozen=True)
class Saved:
    """A change that is in the file."""

    name: str
    is_new: bool
    problems: tuple[Problem, ...] = ()
    is_removed: bool = False
    why_not_in_force: str = ""


def remember_saved(draft: Draft, outcome: Outcome) -> None:
    """Tell of it on the page."""
    name = outcome.entry.name if outcome.entry else str(draft.data.get(NAME_KEYS[draft.section], ""))
    st.session_state[f"{draft.section}_saved"] = Saved(
        name, draft.name is None, outcome.problems, why_not_in_force=outcome.why_not_in_force
    )


def remember_removed(section: Section, name: str, outcome: Outcome) -> None:
    """Tell of it on the page."""
    st.session_state[f"{section}_saved"] = Saved(
        name, False, is_removed=True, why_not_in_force=outcome.why_not_in_force
    )


def news_of(section: Section) -> Saved | None:
    """The latest entry that was saved and taken over, until that was read. Of any other change it is told here."""
    saved: Saved | None = st.session_state.get(f"{section}_saved")
    if saved is None or not (saved.is_removed or saved.why_not_in_force):
        return saved
    if not saved.why_not_in_force:
        st.success(f"**{plain(saved.name)}** is removed.", icon=":material/delete:")
        forget_saved(section)
        return None
    done = "removed from the file, and still there" if saved.is_removed else "saved, and not in force"
    st.warning(
        f"**{plain(saved.name)}** is {done}, because this went wrong: {with_names(saved.why_not_in_force)}"
        " What was served before goes on.",
        icon=":material/error:",
    )
    close_button(section)
    return None


def forget_saved(section: Section) -> None:
    """It was read."""
    st.session_state.pop(f"{section}_saved", None)


def close_button(section: Section) -> None:
    """For who has read it."""
    st.button("Close", key=f"{section}_saved_close", type="tertiary", on_click=forget_saved, args=(section,))


def saved_shown(saved: Saved, what_then: str, errors: Sequence[str], why_not_ready: str | None) -> None:
    """What has become of it, and what was said of it, though not so much that it was refused."""
    st.markdown(f"##### :green[:material/check_circle:] {plain(saved.name)} is saved {what_then}", anchors=False)
    if errors:
        st.markdown(f"Its entry has a mistake: {with_names(errors[0])}")
    elif why_not_ready:
        st.markdown(f"It cannot answer yet: {plain(why_not_ready)}. {next_step(why_not_ready)}")
    problems_shown(saved.problems)
