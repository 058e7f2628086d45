"""The page Chat: what was said, the answer on its way, and a field for what comes next."""

import streamlit as st

from ..going import leave_menu
from ..server import Server
from ..text import plain
from .address import note, open_what_it_names
from .choosing import Choice, choice_of, talk_as_on_poe, try_all_the_same, whom
from .history import history, what_to_do_with
from .poe.page import poe_chat
from .poe.talk import begin_anew
from .talk import Talk, ask, ask_again, begin_new, talk_of_session
from .thread import coming_shown, said_shown

_SAID, _AGAIN = "chat_said", "chat_again"
_PICTURES = ["png", "jpg", "jpeg", "gif", "webp"]
_MOST_PICTURES = 8
_IDEAS = {"demo": ("What can you do?", "Show me a table", "Show me some code")}
_OTHER_IDEAS = ("What can you do?", "Explain black holes to a child", "Write a haiku about the sea")


def show(server: Server) -> None:
    """The page."""
    open_what_it_names(server)
    talk = talk_of_session()
    with st.sidebar:
        st.button(
            "New chat",
            icon=":material/edit_square:",
            key="chat_new",
            on_click=_begin_new,
            type="primary",
            width="stretch",
        )
        choice = choice_of(server)
        if choice is not None and not choice.is_as_poe:
            history(server, talk)
    if choice is None:
        st.info("This server has no bots and no providers yet.", icon=":material/info:")
    elif choice.is_as_poe and choice.bot is not None:
        note(None)
        poe_chat(server, choice, choice.bot)
    else:
        _chat(server, talk, choice)


def _begin_new() -> None:
    leave_menu()
    begin_new()
    begin_anew()


def _chat(server: Server, talk: Talk, choice: Choice) -> None:
    _begin_what_was_asked(server, talk, choice)
    talk.catch_up(server)
    note(talk.id)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"#### {plain(choice.name)} :small[:gray[{whom(choice)}]]", width="content", anchors=False)
        menu = st.empty()
        if talk.id is not None and talk.live is None:
            with menu.container(width="content"):
                what_to_do_with(server, talk, talk.id)
    if talk.was_with:
        gone = f"{plain(talk.was_with)} has answered here so far, and is not there any more"
        st.caption(f":material/info: {gone}: {plain(choice.name)} goes on.")
    beginning = st.empty()
    if not talk.exchanges or choice.is_for_poe_only:
        with beginning.container():
            _beginning(choice)
    coming = said_shown(talk, lambda: _what_next(talk, choice))
    # The field comes before the answer: what is drawn after it would be there only at its end.
    _field(choice)
    coming_shown(talk, coming)


def _begin_what_was_asked(server: Server, talk: Talk, choice: Choice) -> None:
    """What was clicked or written since the last run, while the sidebar already says whom to ask."""
    said, again = st.session_state.pop(_SAID, None), st.session_state.pop(_AGAIN, False)
    if choice.why_not:
        return
    if said is not None:
        ask(server, talk, choice, *said)
    elif again and talk.exchanges:
        ask_again(server, talk, choice)


def _what_next(talk: Talk, choice: Choice) -> None:
    with st.container(horizontal=True):
        st.button(
            "Answer again",
            icon=":material/refresh:",
            key="chat_regenerate",
            type="tertiary",
            disabled=bool(choice.why_not),
            on_click=lambda: st.session_state.update({_AGAIN: True}),
        )
    if not talk.is_kept:
        st.caption("This server keeps no conversations: the next question stands alone.")


def _beginning(choice: Choice) -> None:
    """Nothing was said yet: what one could say; or, where nobody can answer, why not."""
    if choice.why_not:
        with st.container(border=True):
            st.markdown(f"##### :material/hourglass_empty: {plain(_why_silent(choice))}", anchors=False)
            st.markdown(plain(choice.why_not.rstrip(".")) + ".")
            st.markdown(choice.what_to_do)
            with st.container(horizontal=True):
                if choice.is_for_poe_only:
                    st.button(
                        "Talk to it as on Poe",
                        icon=":material/theater_comedy:",
                        type="primary",
                        key="chat_to_poe",
                        on_click=talk_as_on_poe,
                    )
                else:
                    st.button("Look again", icon=":material/refresh:", key="chat_look")
                if choice.may_be_tried:
                    st.button("Ask all the same", key="chat_try", on_click=try_all_the_same, args=(choice,))
        return
    if choice.bot is not None and choice.bot.description:
        st.markdown(plain(choice.bot.description))
    provider = choice.bot.provider if choice.bot else choice.asked.get("provider")
    ideas = _IDEAS.get(provider or "", _OTHER_IDEAS)
    st.caption("Ask anything below, or begin with one of these:")
    with st.container(horizontal=True):
        for number, idea in enumerate(ideas):
            st.button(plain(idea), key=f"chat_idea_{number}", on_click=_say, args=(idea,))


def _why_silent(choice: Choice) -> str:
    return f"{choice.name} answers as on Poe" if choice.is_for_poe_only else f"{choice.name} is not ready"


def _say(words: str, pictures: tuple[bytes, ...] = ()) -> None:
    st.session_state[_SAID] = words, pictures


def _field(choice: Choice) -> None:
    key = "chat_input_with_pictures" if choice.takes.images else "chat_input"
    st.chat_input(
        _why_silent(choice) if choice.why_not else f"Ask {choice.name}",
        key=key,
        accept_file="multiple" if choice.takes.images else False,
        file_type=_PICTURES if choice.takes.images else None,
        disabled=bool(choice.why_not),
        on_submit=_say_what_is_written,
        args=(key,),
    )


def _say_what_is_written(key: str) -> None:
    said = st.session_state[key]
    if isinstance(said, str):
        _say(said)
        return
    pictures = tuple(file.getvalue() for file in said.files[:_MOST_PICTURES])
    _say(said.text or "What is in this picture?", pictures)
