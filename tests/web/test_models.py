"""The models of a provider, as anybody may read them."""

from decimal import Decimal

import pytest

from tests.web.servers import browser, provider, seen
from utils.chat import ModelInfo
from utils.providers.model_directory import Listed, Listing
from utils.providers.takes import Takes
from utils.registry.provider_config import Price
from utils.web import create_api

MODEL = Listed(ModelInfo("tiny", 9, True), "t", Price(input=Decimal("0.1"), output=Decimal(2)))


async def answer(path, card=None, problem=None):
    asked = []

    async def models_of(name, live):
        asked.append((name, live))
        return Listing(name, "tiny", (MODEL,), live=live and not problem, problem=problem if live else None)

    takes = Takes(temperature=True, reasoning_effort=("low",), system=True)
    api = create_api(
        lambda: seen(providers=(card or provider("groq"),)), None, models_of, takes_of=lambda provider, model: takes
    )
    async with browser(api) as client:
        response = await client.get(path)
    return response.status_code, response.json(), asked


async def test_what_is_known_of_each_model_is_listed():
    status, body, asked = await answer("/providers/groq/models")

    assert status == 200
    assert asked == [("groq", False)]
    assert body == {
        "provider": "groq",
        "default_model": "tiny",
        "models": [
            {
                "name": "tiny",
                "alias": "t",
                "context": 9,
                "vision": True,
                "tools": None,
                "reasoning": None,
                "price": {"input": 0.1, "output": 2.0},
                "takes": {
                    "temperature": True,
                    "max_tokens": False,
                    "reasoning_effort": ["low"],
                    "images": False,
                    "system": True,
                },
            }
        ],
        "live": False,
        "problem": None,
    }


async def test_the_provider_itself_is_asked_when_that_is_wanted():
    status, body, asked = await answer("/providers/groq/models?live=true")

    assert (status, body["live"], asked) == (200, True, [("groq", True)])


@pytest.mark.parametrize("live", ["maybe", "2", "None"])
async def test_what_is_neither_true_nor_false_is_refused(live):
    status, body, asked = await answer(f"/providers/groq/models?live={live}")

    assert (status, asked) == (400, [])
    assert body == {"error": "`live` should be true or false."}


async def test_a_list_that_does_not_come_is_a_sentence_beside_what_is_configured():
    status, body, _ = await answer("/providers/groq/models?live=true", problem="The provider lists no models.")

    assert (status, body["live"], len(body["models"])) == (200, False, 1)
    assert body["problem"] == "The provider lists no models."


async def test_a_provider_that_is_not_ready_is_not_asked():
    card = provider("groq", why_not_ready="GROQ_API_KEY is not set")

    status, body, asked = await answer("/providers/groq/models?live=true", card)

    assert (status, asked) == (200, [("groq", False)])
    assert body["problem"] == "The provider is not ready: GROQ_API_KEY is not set."


@pytest.mark.parametrize(("name", "hint"), [("grok", " Did you mean `groq`?"), ("zzz", "")])
async def test_a_provider_that_is_not_there_is_not_found(name, hint):
    status, body, asked = await answer(f"/providers/{name}/models")

    assert (status, asked) == (404, [])
    assert body == {"error": f"There is no provider of this name.{hint}"}
