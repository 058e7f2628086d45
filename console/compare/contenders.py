"""Who can be asked side by side: bots and models, under names that tell them apart."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..server import Server
from ..server.cards import Bot, Provider, Takes, bots_of, models_of, providers_of


@dataclass(frozen=True)
class Contender:
    """One who can be asked."""

    name: str
    """`Poet` for a bot, `groq / llama-4` for a model."""
    bot: str | None = None
    provider: str | None = None
    model: str | None = None
    answers: str = ""
    """The model that does, and its provider."""
    takes: Takes | None = None
    """None for a model: what it takes is asked for only when it is chosen."""
    why_not_ready: str = ""

    @property
    def asked(self) -> dict[str, str]:
        """The fields of /chat that name it."""
        if self.bot:
            return {"bot": self.bot}
        return {"provider": self.provider or "", "model": self.model or ""}

    @property
    def label(self) -> str:
        """How it stands in a list."""
        return f"{self.name} · not ready" if self.why_not_ready else self.name


def contenders_of(server: Server) -> dict[str, Contender]:
    """Everybody by name, who is ready first. Bots in Python answer on Poe only, and are none of them."""
    found = [*_bots(bots_of(server)), *_models(providers_of(server))]
    return {each.name: each for each in sorted(found, key=lambda each: bool(each.why_not_ready))}


def takes_of(server: Server, contender: Contender) -> Takes:
    """What it can be told besides the words."""
    if contender.takes is not None or contender.provider is None:
        return contender.takes or Takes()
    models = models_of(server, contender.provider)
    return next((each.takes for each in models if each.name == contender.model), Takes())


def _bots(bots: list[Bot]) -> Iterator[Contender]:
    for bot in bots:
        if bot.provider is not None:
            who = f"{bot.provider} / {bot.model}"
            yield Contender(bot.name, bot=bot.name, answers=who, takes=bot.takes, why_not_ready=bot.why_not_ready or "")


def _models(providers: list[Provider]) -> Iterator[Contender]:
    for provider in providers:
        for model in dict.fromkeys([*filter(None, [provider.default_model]), *provider.models]):
            name = f"{provider.name} / {model}"
            why_not = provider.why_not_ready or ""
            yield Contender(name, provider=provider.name, model=model, answers=name, why_not_ready=why_not)
