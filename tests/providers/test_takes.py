"""What a model takes: as its profile says, as its entry says, and as it has shown."""

import pytest

from tests.providers.asking import answer
from tests.providers.test_self_healing import Picky, says
from tests.serving import serving
from utils.providers import ProviderPool
from utils.providers.takes import Takes
from utils.registry import ProviderConfig, ProviderRegistry

OPENAI = {"name": "openai", "api_base": "https://api.openai.com/v1"}
ANYBODY = {"name": "anybody", "api_base": "https://llm.example/v1"}


def takes(entry, model=None):
    pool = ProviderPool(ProviderRegistry([ProviderConfig.model_validate(entry)]))
    return pool.takes(entry["name"], model)


@pytest.mark.parametrize(
    ("entry", "model", "expected"),
    [
        (ANYBODY, "any", Takes(True, True, ("low", "medium", "high"), False, True)),
        ({**ANYBODY, "models": [{"name": "eye", "vision": True}]}, "eye", {"images": True}),
        ({**ANYBODY, "models": [{"name": "eye", "vision": True, "alias": "e"}]}, "e", {"images": True}),
        ({**ANYBODY, "models": [{"name": "eye", "vision": True}]}, None, {"images": True}),
        ({**ANYBODY, "models": [{"name": "eye", "vision": True}], "images": "none"}, "eye", {"images": True}),
        ({**ANYBODY, "images": "none"}, "any", {"images": False}),
        (OPENAI, "o3-mini", {"temperature": False, "max_tokens": True}),
        (OPENAI, "gpt-6-luna", {"temperature": False, "reasoning_effort": ("none", "low", "medium", "high")}),
        ({**OPENAI, "params": {"reasoning_effort": "none"}}, "gpt-6-luna", {"temperature": True}),
        ({**ANYBODY, "profile_overrides": {"drop_params": ["temperature"]}}, "any", {"temperature": False}),
        ({**ANYBODY, "profile_overrides": {"drop_params": ["max_tokens"]}}, "any", {"max_tokens": False}),
        ({**ANYBODY, "profile_overrides": {"drop_params": ["reasoning_effort"]}}, "any", {"reasoning_effort": ()}),
    ],
)
def test_the_profile_and_the_entry_say_what_it_takes(entry, model, expected):
    found = takes(entry, model)

    if isinstance(expected, Takes):
        assert found == expected
    else:
        assert {name: getattr(found, name) for name in expected} == expected


async def test_what_a_model_has_refused_it_does_not_take_any_more():
    picky = Picky({"temperature": says("Unsupported parameter: 'temperature'", param="temperature")})
    async with serving(picky.app) as address:
        entry = {"name": "picky", "api_base": f"{address}/v1", "models": ["small", "large"]}
        pool = ProviderPool(ProviderRegistry([ProviderConfig.model_validate(entry)]))
        before = pool.takes("picky", None)
        await answer(pool.get("picky"), temperature=0.5)
        after, other = pool.takes("picky", None), pool.takes("picky", "large")
        await pool.aclose()

    assert [each.temperature for each in (before, after, other)] == [True, False, True]
