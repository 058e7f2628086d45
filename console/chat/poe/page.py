"""The page Chat while the switch *As on Poe* is on."""

import streamlit as st

from ...server import KeyWanted, Server
from ...server.cards import Bot
from ...text import plain
from ..choosing import Choice
from ..exchange import Exchange
from ..shown import text_shown
from ..thread import BOT, coming_shown, said_shown
from .controls import Controls
from .settings import PoeSettings, settings_of
from .talk import PoeTalk, ask, talk_with

_FILES = ["txt", "md", "csv", "json", "yaml", "yml", "py", "html", "xml", "log"]
_SAID, _AGAIN = "chat_poe_said", "chat_poe_again_wanted"


def poe_chat(server: Server, choice: Choice, bot: Bot) -> None:
    """A conversation with the bot, as Poe leads it."""
    access_key = _access_keys().get((server.address, bot.name))
    st.markdown(f"#### {plain(bot.name)} :violet-badge[as on Poe]", anchors=False)
    try:
        settings = settings_of(server, bot.path, access_key)
    except KeyWanted as trouble:
        _ask_for_key(server, bot, str(trouble))
        return
    with st.sidebar:
        parameters = Controls(bot.name).show(settings.sections)
        _settings_shown(settings)
    _chat(server, talk_with(bot.name), bot, settings, parameters, access_key)


def _chat(
    server: Server,
    talk: PoeTalk,
    bot: Bot,
    settings: PoeSettings,
    parameters: dict[str, object],
    access_key: str | None,
) -> None:
    if (asked := _asked(talk)) is not None:
        asked.parameters = dict(parameters)
        ask(server, talk, bot.path, access_key, asked)
    beginning = st.empty()
    if settings.introduction:
        with beginning.container(), st.chat_message("assistant", avatar=BOT):
            text_shown(settings.introduction)
    elif not talk.exchanges:
        beginning.caption("This bot has no greeting. `introduction_message` under `poe:` in its entry would be one.")
    coming = said_shown(talk, lambda: _what_next(talk))
    _field(bot, settings)
    coming_shown(talk, coming)


def _what_next(talk: PoeTalk) -> None:
    with st.container(horizontal=True):
        for number, reply in enumerate(talk.exchanges[-1].answer.suggestions):
            st.button(plain(reply), key=f"chat_poe_reply_{number}", on_click=_say, args=(reply,))
        st.button(
            "Answer again",
            icon=":material/refresh:",
            key="chat_poe_again",
            type="tertiary",
            on_click=lambda: st.session_state.update({_AGAIN: True}),
        )


def _asked(talk: PoeTalk) -> Exchange | None:
    """What was written or clicked since the last run: a question, a suggested reply, or the last question once more."""
    said, again = st.session_state.pop(_SAID, None), st.session_state.pop(_AGAIN, False)
    if said is not None:
        return Exchange(said[0], files=said[1])
    if again and talk.exchanges:
        last = talk.exchanges.pop()
        return Exchange(last.question, files=last.files)
    return None


def _say(words: str, files: tuple[tuple[str, str], ...] = ()) -> None:
    st.session_state[_SAID] = words, files


def _field(bot: Bot, settings: PoeSettings) -> None:
    key = "chat_poe_input_with_files" if settings.takes_files else "chat_poe_input"
    st.chat_input(
        f"Message {bot.name}",
        key=key,
        accept_file="multiple" if settings.takes_files else False,
        file_type=_FILES if settings.takes_files else None,
        on_submit=_say_what_is_written,
        args=(key,),
    )


def _say_what_is_written(key: str) -> None:
    said = st.session_state[key]
    if isinstance(said, str):
        _say(said)
        return
    _say(said.text, tuple((file.name, file.getvalue().decode("utf-8", "replace")) for file in said.files))


def _settings_shown(settings: PoeSettings) -> None:
    with st.expander("What the bot tells Poe", icon=":material/settings:", key="chat_poe_settings"):
        for line in settings.lines:
            st.caption(plain(line))
        st.json(settings.raw, expanded=False)


def _ask_for_key(server: Server, bot: Bot, why: str) -> None:
    with st.container(border=True):
        st.markdown(f"##### :material/key: {plain(bot.name)} lets only Poe in", anchors=False)
        st.markdown(plain(why))
        with st.form("_access_key", clear_on_submit=True, border=False):
            key = st.text_input("The bot's access key", type="password", help="The 32 characters that Poe has shown.")
            if st.form_submit_button("Go on", type="primary") and key.strip():
                _access_keys()[server.address, bot.name] = key.strip()
                st.rerun()


def _access_keys() -> dict[tuple[str, str], str]:
    keys: dict[tuple[str, str], str] = st.session_state.setdefault("_access_keys", {})
    return keys
