"""The page Providers: how they fare; test, add, change, take out and remove them."""

from functools import partial

import streamlit as st

from ..entries.doors import File
from ..entries.draft import begin, draft_of
from ..entries.editor import editor
from ..entries.faring import targets_shown
from ..entries.listing import about_the_file, files_or_why_not, how_keys_are_set, rows_shown, state_shown
from ..entries.removing import ask_to_remove
from ..entries.saved import close_button, forget_saved, news_of, saved_shown
from ..going import go_to
from ..server import Server
from ..server.cards import not_ready_in, providers_of, targets_of
from ..text import plain
from .form import form
from .rows import Row, rows_of
from .standing import ask_to_take_out, put_back
from .trial import test, trial_shown


def show(server: Server) -> None:
    """The page."""
    if (draft := draft_of("providers")) is not None:
        editor(server, draft, partial(form, server=server))
        return
    files, why_not = files_or_why_not(server)
    file = files["providers"] if files else None
    rows = rows_of(providers_of(server), file, targets_of(server) if files else [])
    _head(file)
    if why_not:
        st.info(why_not, icon=":material/key:")
    if file is not None:
        about_the_file(file)
    _saved(server, files["bots"] if files else None, rows)
    if not rows:
        st.info("There is no provider yet. *Add a provider* knows most of them by name.", icon=":material/dns:")
    shown = rows_shown(rows, "providers")
    how_keys_are_set(row.provider.why_not_ready or "" for row in shown if row.provider)
    with st.container(gap="xsmall"):
        for row in shown:
            _row(server, file, row)


def _head(file: File | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title("Providers", anchor=False, width="content")
        if file is not None and not file.why_fixed:
            st.button(
                "Add a provider",
                icon=":material/add:",
                type="primary",
                key="providers_add",
                on_click=_begin_new,
                args=(file,),
            )


def _begin_new(file: File) -> None:
    for key in ("providers_known", "providers_filled_in"):
        st.session_state.pop(key, None)
    begin("providers", file)


def _saved(server: Server, bots: File | None, rows: list[Row]) -> None:
    saved = news_of("providers")
    if saved is None:
        return
    row = next((row for row in rows if row.name == saved.name), None)
    provider = row.provider if row else None
    with st.container(border=True, key="providers_saved"):
        saved_shown(saved, _what_then(row), row.errors if row else [], provider.why_not_ready if provider else None)
        with st.container(horizontal=True):
            if row is not None and provider is not None:
                _next_steps(server, bots, row)
            close_button("providers")
        if row is not None:
            trial_shown(row)


def _what_then(row: Row | None) -> str:
    if row is None or row.provider is None:
        return "and switched off" if row and not row.errors else "but not in force"
    return "but not in force as it is" if row.errors else "and in force"


def _next_steps(server: Server, bots: File | None, row: Row) -> None:
    if st.button("Test it", icon=":material/bolt:", key="providers_saved_test"):
        with st.spinner("Asking it…"):
            test(server, row)
    if bots is not None and st.button(
        "Make a bot with it", icon=":material/smart_toy:", type="primary", key="providers_saved_bot"
    ):
        forget_saved("providers")
        begin("bots", bots, data={"provider": row.name})
        go_to("bots")


def _row(server: Server, file: File | None, row: Row) -> None:
    with st.container(border=True):
        who, state, doing = st.columns([3.5, 4.5, 5], vertical_alignment="center")
        with who:
            st.markdown(f"**{plain(row.name)}** :small[:gray[{row.models}]]  \n:small[:gray[{plain(row.address)}]]")
        with state:
            state_shown(row.state, row.targets)
        with doing, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
            if file is not None:
                _what_may_be_done(server, file, row)
        if len(row.targets) > 1:
            targets_shown(row.targets, not_ready_in([row.provider] if row.provider else []))
        trial_shown(row)


def _what_may_be_done(server: Server, file: File, row: Row) -> None:
    if row.provider is not None and st.button(
        "Test",
        icon=":material/bolt:",
        key=f"providers_test_{row.name}",
        help="Asks it one tiny question. It is paid for.",
    ):
        with st.spinner("Asking it…"):
            test(server, row)
    if not file.why_fixed and row.entry is not None:
        st.button(
            "Change",
            icon=":material/edit:",
            key=f"providers_edit_{row.name}",
            on_click=begin,
            args=("providers", file, row.entry),
        )
    if row.is_shut and st.button("Put back", icon=":material/undo:", key=f"providers_in_{row.name}"):
        put_back(server, row.name)
        st.rerun()
    if (
        not row.is_shut
        and row.targets
        and st.button("", icon=":material/block:", key=f"providers_out_{row.name}", help="Take it out", type="tertiary")
    ):
        ask_to_take_out(server, row.name, row.targets)
    if (
        not file.why_fixed
        and row.entry is not None
        and st.button(
            "", icon=":material/delete:", key=f"providers_remove_{row.name}", help="Remove it", type="tertiary"
        )
    ):
        ask_to_remove(server, "providers", file, row.name)
