"""The models of one provider as JSON: anybody may ask, so that nothing of what the provider wrote itself is shown."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import asdict
from typing import Any

from fastapi.responses import JSONResponse

from utils.problems import did_you_mean
from utils.providers.model_directory import Listed, Listing
from utils.providers.takes import Takes

from .overview import ProviderCard

ModelsOf = Callable[[str, bool], Awaitable[Listing]]
"""The models of the provider of that name; whether it is asked itself."""
TakesOf = Callable[[str, str], Takes]
"""What this provider's model takes."""


async def model_list(
    name: str,
    providers: Collection[ProviderCard],
    models_of: ModelsOf | None,
    takes_of: TakesOf = lambda provider, model: Takes(),
    *,
    live: bool,
) -> JSONResponse:
    """The list, or that there is no such provider."""
    card = next((card for card in providers if card.name == name), None)
    if card is None or models_of is None:
        hint = did_you_mean(name, (card.name for card in providers))
        return JSONResponse({"error": f"There is no provider of this name.{hint}"}, 404)
    # One that is known to be unable to answer is not asked.
    listing = await models_of(name, live and card.why_not_ready is None)
    problem = listing.problem or (_not_ready(card.why_not_ready) if live else None)
    return JSONResponse(
        {
            "provider": listing.provider,
            "default_model": listing.default_model,
            "models": [
                {**as_json(model), "takes": asdict(takes_of(name, model.info.name))} for model in listing.models
            ],
            "live": listing.live,
            "problem": problem,
        }
    )


def as_json(model: Listed) -> dict[str, Any]:
    """What is known of one model; null means unknown."""
    info, price = model.info, model.price
    return {
        "name": info.name,
        "alias": model.alias,
        "context": info.context,
        "vision": info.vision,
        "tools": info.tools,
        "reasoning": info.reasoning,
        "price": price and {name: float(value) for name, value in price if value is not None},
    }


def _not_ready(reason: str | None) -> str | None:
    return f"The provider is not ready: {reason.rstrip('.')}." if reason else None
