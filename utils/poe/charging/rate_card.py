"""How the prices of a bot are shown on Poe, which puts points in the place of each `[usd_milli_cents=…]`."""

from collections.abc import Iterator
from decimal import Decimal

from utils.chat import Usage
from utils.registry.bot_config import Charge
from utils.registry.provider_config import Price

from .cost import cost, milli_cents

_SHORT = Usage(input_tokens=100, output_tokens=100)
"""A question of a few sentences, and an answer of as many."""


def rate_card(charge: Charge, price: Price | None) -> str | None:
    """The prices as a table in Markdown, or None when nothing is charged."""
    rows = [f"| {what} | {_points(dollars)} points{per} |" for what, dollars, per in _rates(charge, price) if dollars]
    return "\n".join(["| What | Cost |", "| --- | --- |", *rows]) if rows else None


def cost_label(charge: Charge, price: Price | None) -> str | None:
    """What a short answer costs, with a plus where long ones cost more, or None when nothing is charged."""
    tag = f"[usd_milli_cents={cost(charge, price, _SHORT)}]"
    if rate_card(charge, price) is None:
        return None
    return f"{tag}+" if _has_token_prices(charge, price) else tag


def _rates(charge: Charge, price: Price | None) -> Iterator[tuple[str, Decimal, str]]:
    if not charge.markup or price is None:
        yield "Each answer", max(charge.per_message, charge.minimum), ""
        return
    # For a million tokens the rounding to whole thousandths of a cent does not show; for a thousand it would.
    per = " per 1M tokens"
    yield "Each answer", charge.per_message, ""
    yield "What the model reads", charge.markup * price.input, per
    if price.cached_input is not None:
        yield "What it has read before", charge.markup * price.cached_input, per
    yield "What the model writes", charge.markup * price.output, per
    if charge.minimum > charge.per_message:
        yield "At least, for each answer", charge.minimum, ""


def _points(dollars: Decimal) -> str:
    return f"[usd_milli_cents={milli_cents(dollars)}]"


def _has_token_prices(charge: Charge, price: Price | None) -> bool:
    return bool(charge.markup and price and (price.input or price.output))
