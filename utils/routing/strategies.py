"""In which order the targets of a bot are asked. The first is chosen; the others follow when it fails."""

import random
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from importlib import import_module
from itertools import count
from math import inf
from typing import Protocol, cast

from utils.chat import ChatRequest
from utils.problems import did_you_mean

from .lane import Target

Ordered = tuple[Sequence[Target], str | None]
"""The targets in order, and which variant of a split that is."""

_CHARACTERS_PER_TOKEN = 4
_USUAL_ANSWER = 500


class Strategy(Protocol):
    """Orders the targets for one request. Asked once for every answer: it has to be quick."""

    def order(self, targets: Sequence[Target], request: ChatRequest) -> Ordered:
        """The same targets, the one to be asked first in front."""
        ...


class InOrder:
    """As they stand in the file."""

    def order(self, targets: Sequence[Target], request: ChatRequest) -> Ordered:
        """The targets as they are."""
        return targets, None


class RoundRobin:
    """Each is the first in its turn."""

    def __init__(self) -> None:
        self._turns = count()

    def order(self, targets: Sequence[Target], request: ChatRequest) -> Ordered:
        """The targets from the one whose turn it is on, around."""
        first = next(self._turns) % len(targets)
        return (*targets[first:], *targets[:first]), None


class Random:
    """By chance, those with more weight more often in front."""

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance

    def order(self, targets: Sequence[Target], request: ChatRequest) -> Ordered:
        """Shuffled by weight (Efraimidis and Spirakis 2006: the largest `chance ** (1 / weight)` first)."""
        return sorted(targets, key=lambda each: self._chance() ** (1 / each.weight), reverse=True), None


class LeastLatency:
    """The one that was quickest to its first content lately. Those not tried yet come first, so that they are known."""

    def order(self, targets: Sequence[Target], request: ChatRequest) -> Ordered:
        """By the average of their best lane."""
        return sorted(targets, key=_latency), None


class LeastBusy:
    """The one with the fewest answers under way, for its weight."""

    def order(self, targets: Sequence[Target], request: ChatRequest) -> Ordered:
        """By what is in flight on all of their lanes."""
        return sorted(targets, key=lambda each: sum(lane.health.in_flight for lane in each.lanes()) / each.weight), None


class LeastCost:
    """The one that is cheapest for the tokens of this request. Whose price nobody knows comes last."""

    def order(self, targets: Sequence[Target], request: ChatRequest) -> Ordered:
        """By price."""
        characters = sum(len(message.text) for message in request.messages)
        tokens = characters // _CHARACTERS_PER_TOKEN, request.max_tokens or _USUAL_ANSWER
        return sorted(targets, key=lambda each: _price(each, *tokens)), None


STRATEGIES: Mapping[str, Callable[[], Strategy]] = {
    "priority": InOrder,
    "round_robin": RoundRobin,
    "random": Random,
    "least_latency": LeastLatency,
    "least_cost": LeastCost,
    "least_busy": LeastBusy,
}
"""By the word that stands in the file. Another one is named as `module.Class`."""


def strategy_named(name: str) -> Callable[[], Strategy]:
    """The strategy of that name, or the class `module.Class`. Raises a ValueError that names those there are."""
    if name in STRATEGIES:
        return STRATEGIES[name]
    module, dot, attribute = name.rpartition(".")
    try:
        found = getattr(import_module(module), attribute) if dot else None
    except Exception as exc:  # somebody else's code
        raise ValueError(f"`{name}` cannot be imported: {type(exc).__name__}: {exc}") from exc
    if not callable(getattr(found, "order", None)):
        known = ", ".join(f"`{each}`" for each in STRATEGIES)
        raise ValueError(
            f"should be {known}, or a class with an `order` method as `module.Class`.{did_you_mean(name, STRATEGIES)}"
        )
    return cast(Callable[[], Strategy], found)


class Split:
    """An A/B test: whoever asks gets the same variant every time. The others follow in their order when it fails."""

    def __init__(self, shares: Mapping[str, float], by: str, name: str) -> None:
        """`shares` are by the label of the target; `by` is the field of the origin that sticks; `name` is the bot's."""
        self._shares = dict(shares)
        self._by = by
        self._name = name

    def variant_of(self, request: ChatRequest) -> str | None:
        """The variant of whoever asks; None where nobody is known, so that it is left to chance."""
        who = self._who(request)
        return self.variant_for(who) if who else None

    def order(self, targets: Sequence[Target], request: ChatRequest) -> Ordered:
        """The target of the variant, and the others behind it."""
        variant = self.variant_for(self._who(request))
        chosen = [target for target in targets if target.label == variant]
        return (*chosen, *(target for target in targets if target.label != variant)), variant

    def variant_for(self, who: str) -> str:
        """Whose share the one who asks falls into. Nobody known counts by chance."""
        at = _between_0_and_1(f"{self._name}\0{who}") if who else random.random()  # noqa: S311  no secret
        for variant, share in self._shares.items():
            at -= share / sum(self._shares.values())
            if at < 0:
                return variant
        return next(reversed(self._shares))

    def _who(self, request: ChatRequest) -> str:
        return getattr(request.origin, self._by) or request.origin.message


def _between_0_and_1(text: str) -> float:
    # The same in every process, unlike `hash`.
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) / 2**64


def _latency(target: Target) -> float:
    known = [lane.health.first_content() for lane in target.lanes()]
    return min((0.0 if each is None else each for each in known), default=inf)


def _price(target: Target, tokens_in: int, tokens_out: int) -> float:
    price = target.price(tokens_in, tokens_out) if target.price else None
    return inf if price is None else price
