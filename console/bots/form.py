"""The usual fields of a bot."""

from functools import partial

import streamlit as st

from ..entries.fields import Fields
from ..server import Server, Trouble
from ..server.cards import Model, Provider, models_of, providers_of

_ROUTING = ("targets", "split", "strategy")


def form(fields: Fields, *, server: Server) -> None:
    """Name, provider, model, words and fallbacks."""
    providers = {provider.name: provider for provider in providers_of(server)}
    fields.text(
        "bot_name", "Name", placeholder="such as Poet", help="The name, the same as on Poe. Its path follows it."
    )
    fields.text("bot_description", "Description", placeholder="What it is good for, in a sentence")
    models = _who_answers(fields, server, providers)
    fields.text(
        "system_message",
        "System message",
        lines=4,
        placeholder="Such as: You are a patient teacher of physics. Answer in simple words.",
    )
    takes_none = _why_no_temperature(fields, models)
    fields.number("temperature", "Temperature", 0.0, 2.0, 0.1, placeholder="as the model does", why_not=takes_none)
    if "targets" not in fields.draft.data:
        fields.several(
            "fallbacks",
            "Fallbacks",
            _fallbacks(providers, str(fields.draft.data.get("provider") or "")),
            placeholder="Who answers when it is down",
        )


def _who_answers(fields: Fields, server: Server, providers: dict[str, Provider]) -> list[Model]:
    if "targets" in fields.draft.data:
        st.info("Who answers this bot is said by its `targets`: change those as YAML.", icon=":material/alt_route:")
        return []
    left, right = st.columns(2)
    with left:
        fields.choice(
            "provider",
            "Provider",
            list(providers),
            words=partial(_provider_in_words, providers),
            placeholder="Who answers",
            may_be_new=False,
        )
    provider = providers.get(str(fields.draft.data.get("provider") or ""))
    models = _models(server, provider) if provider else []
    own = provider.default_model if provider else None
    with right:
        fields.choice(
            "model",
            "Model",
            [model.name for model in models],
            placeholder=f"{own}, as the provider's own" if own else "Choose a model, or type its name",
        )
    return models


def _models(server: Server, provider: Provider) -> list[Model]:
    try:
        return models_of(server, provider.name)
    except Trouble:
        return []


def _why_no_temperature(fields: Fields, models: list[Model]) -> str:
    wanted = fields.draft.data.get("model")
    model = next((model for model in models if wanted in (None, "", model.name)), None)
    return f"{model.name} takes none" if model and not model.takes.temperature else ""


def _fallbacks(providers: dict[str, Provider], own: str) -> list[str]:
    others = [name for name in providers if name != own]
    return [*others, *(f"{name}:{model}" for name in providers for model in providers[name].models)]


def _provider_in_words(providers: dict[str, Provider], name: str) -> str:
    provider = providers.get(name)
    return f"{name} · not ready" if provider and provider.why_not_ready else name
