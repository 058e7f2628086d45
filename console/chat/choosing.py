"""The sidebar of the chat: who answers, and how. Only what that model takes can be set."""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from ..advice import next_step
from ..server import Server
from ..server.cards import Bot, Model, Provider, Takes, bots_of, models_of, providers_of
from ..text import plain
from .wishes import longest_answer, temperature

_A_BOT, _A_MODEL = "A bot", "A model"
_AS_IT_IS = "default"
_TRIED = "chat_tried"


@dataclass(frozen=True)
class Choice:
    """Who is asked, and what is wished."""

    name: str
    """What the person knows it by."""
    asked: dict[str, str]
    """The fields of /chat that name it."""
    takes: Takes
    bot: Bot | None = None
    is_as_poe: bool = False
    why_not: str = ""
    """Why it cannot be asked now."""
    what_to_do: str = ""
    may_be_tried: bool = False
    """Whether somebody else may answer for it."""
    wishes: dict[str, Any] | None = None
    """The fields of /chat that say how."""

    @property
    def is_for_poe_only(self) -> bool:
        """Whether it answers at no other door: a bot in Python does not."""
        return self.bot is not None and self.bot.provider is None and not self.is_as_poe


def choice_of(server: Server) -> Choice | None:
    """What is chosen in the sidebar; None where the server has nobody to ask."""
    bots, providers = bots_of(server), providers_of(server)
    if not bots and not providers:
        return None
    kinds = [kind for kind, there in ((_A_BOT, bots), (_A_MODEL, providers)) if there]
    kind = st.segmented_control(
        "Who answers",
        kinds,
        default=None if "chat_kind" in st.session_state else kinds[0],
        required=True,
        key="chat_kind",
        persist_state="session",
        width="stretch",
    )
    choice = _bot_chosen(bots) if kind == _A_BOT else _model_chosen(server, providers)
    return choice if choice.is_as_poe else _with_wishes(choice)


def _bot_chosen(bots: list[Bot]) -> Choice:
    by_name = {bot.name: bot for bot in bots}
    first = min(range(len(bots)), key=lambda number: _is_poor_beginning(bots[number]))
    name = st.selectbox(
        "Bot",
        list(by_name),
        index=0 if "chat_bot" in st.session_state else first,  # chosen on another page
        key="chat_bot",
        format_func=lambda name: _named(name, by_name[name].why_not_ready if name in by_name else None),
        persist_state="session",
    )
    bot = by_name.get(name, bots[first])
    is_as_poe = st.toggle(
        "As on Poe",
        key="chat_as_poe",
        persist_state="session",
        help="Asks the bot as Poe does, with its greeting, its controls and its suggested replies: what people on Poe"
        " will see. Such a conversation is not kept.",
    )
    model = _model_of_bot(bot) if not is_as_poe and len(bot.models) > 1 else None
    why_not, what_to_do = bot.why_not_ready or "", next_step(bot.why_not_ready or "")
    if bot.provider is None and not is_as_poe:
        why_not = "This bot is written in Python: it answers on Poe only"
        what_to_do = "Here you may talk to it as people there do."
    asked = {"bot": bot.name, **({"model": model} if model else {})}
    may_be_tried = bool(why_not) and bot.provider is not None
    if may_be_tried and bot.name in st.session_state.get(_TRIED, ()):
        why_not = ""
    return Choice(bot.name, asked, bot.takes, bot, is_as_poe, why_not, what_to_do, may_be_tried)


def _is_poor_beginning(bot: Bot) -> tuple[bool, bool]:
    """Who answers here, and is ready, is a better one."""
    return bot.provider is None, bot.why_not_ready is not None


def talk_as_on_poe() -> None:
    """Switch *As on Poe* on."""
    st.session_state["chat_as_poe"] = True


def try_all_the_same(choice: Choice) -> None:
    """Its first provider is not ready, but a fallback may be: what comes of it, the answer will say."""
    st.session_state.setdefault(_TRIED, set()).add(choice.name)


def _model_of_bot(bot: Bot) -> str | None:
    own = next((name for name in bot.models if name == bot.model), bot.models[0])
    model = st.selectbox("Model", list(bot.models), key=f"chat_model_of_{bot.name}", persist_state="session")
    return model if model != own else None


def _model_chosen(server: Server, providers: list[Provider]) -> Choice:
    by_name = {provider.name: provider for provider in providers}
    first = next((number for number, each in enumerate(providers) if each.why_not_ready is None), 0)
    name = st.selectbox(
        "Provider",
        list(by_name),
        index=0 if "chat_provider" in st.session_state else first,
        key="chat_provider",
        format_func=lambda name: _named(name, by_name[name].why_not_ready if name in by_name else None),
        persist_state="session",
    )
    provider = by_name.get(name, providers[first])
    models = {model.name: model for model in models_of(server, provider.name)}
    if not models:
        why_not = provider.why_not_ready or "This provider lists no model"
        return Choice(
            provider.name, {"provider": provider.name}, Takes(), why_not=why_not, what_to_do=next_step(why_not)
        )
    chosen = st.selectbox(
        "Model",
        list(models),
        key=f"chat_model_{provider.name}",
        format_func=lambda name: _named(name, models[name].why_not_ready if name in models else None),
        persist_state="session",
    )
    model = models.get(chosen) or next(iter(models.values()))
    return _choice_of_model(provider, model)


def _choice_of_model(provider: Provider, model: Model) -> Choice:
    why_not = provider.why_not_ready or model.why_not_ready or ""
    asked = {"provider": provider.name, "model": model.name}
    return Choice(model.name, asked, model.takes, why_not=why_not, what_to_do=next_step(why_not))


def _with_wishes(choice: Choice) -> Choice:
    """The fields for what this model takes. What is left alone is as the bot's entry or the provider has it."""
    takes = choice.takes
    wishes: dict[str, Any] = {}
    with st.expander("Settings", icon=":material/tune:", key="chat_settings"):
        if takes.temperature:
            wishes["temperature"] = temperature("chat_temperature", _AS_IT_IS)
        if takes.max_tokens:
            wishes["max_tokens"] = longest_answer("chat_max_tokens", _AS_IT_IS)
        if takes.reasoning_effort:
            wishes["reasoning_effort"] = st.selectbox(
                "Reasoning effort",
                list(takes.reasoning_effort),
                index=None,
                placeholder=_AS_IT_IS,
                key=f"chat_effort_{'_'.join(takes.reasoning_effort)}",
                persist_state="session",
            )
        if takes.system:
            system = st.text_area(
                "System message",
                placeholder="What the model is told before the conversation",
                key="chat_system",
                persist_state="session",
                max_chars=20_000,
            )
            wishes["system"] = (system or "").strip() or None
    said = {name: value for name, value in wishes.items() if value is not None}
    return replace(choice, wishes=said)


def _named(name: str, why_not: str | None) -> str:
    return f"{name} · not ready" if why_not else name


def whom(choice: Choice) -> str:
    """The one who answers, in a word or two, as markdown."""
    if choice.bot is None:
        return plain(" / ".join(choice.asked.values()))
    own = " / ".join(filter(None, [choice.bot.provider or "its own code", choice.bot.model]))
    return plain(choice.asked.get("model") or own)


def choose_bot(name: str) -> None:
    """Let this bot answer when the page is shown next."""
    st.session_state["chat_kind"] = _A_BOT
    st.session_state["chat_bot"] = name
    st.session_state["chat_as_poe"] = False


def choose_model(provider: str, model: str) -> None:
    """Let this model answer when the page is shown next."""
    st.session_state["chat_kind"] = _A_MODEL
    st.session_state["chat_provider"] = provider
    st.session_state[f"chat_model_{provider}"] = model


def choose_again(server: Server, asked: str, model: str) -> bool:
    """Let who was asked before answer: a bot with this model, or `provider:model`. Says whether it is still there."""
    bot = next((bot for bot in bots_of(server) if bot.name == asked and bot.provider is not None), None)
    if bot is not None:
        choose_bot(bot.name)
        if model in bot.models:
            st.session_state[f"chat_model_of_{bot.name}"] = model
        return True
    provider, _, name = asked.partition(":")
    is_there = any(each.name == provider for each in providers_of(server))
    if is_there and any(each.name == name for each in models_of(server, provider)):
        choose_model(provider, name)
        return True
    return False
