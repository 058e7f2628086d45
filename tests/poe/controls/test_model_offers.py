"""Which models a person may choose from."""

import pytest

from tests.poe.controls.bots import PROVIDERS, bot
from utils.poe.controls import Offer, offers, wrong_model_offers
from utils.registry import ProviderRegistry

LUNA = Offer("openai", "gpt-6-luna")
TERRA = Offer("openai", "gpt-6.1-terra-2026-10")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {LUNA: "gpt-6-luna"}),
        ({"model": "terra"}, {TERRA: "terra"}),
        ({"models": ["terra"]}, {LUNA: "gpt-6-luna", TERRA: "terra"}),
        ({"models": ["openai:terra", TERRA.model, "gpt-6-luna"]}, {LUNA: "gpt-6-luna", TERRA: "terra"}),
        ({"model": "terra", "models": ["gpt-6-luna", "terra"]}, {TERRA: "terra", LUNA: "gpt-6-luna"}),
        ({"models": ["new-one"]}, {LUNA: "gpt-6-luna", Offer("openai", "new-one"): "new-one"}),
        ({"models": ["org/own:8b"]}, {LUNA: "gpt-6-luna", Offer("openai", "org/own:8b"): "org/own:8b"}),
        (
            {"models": ["bare:llama:70b"]},
            {LUNA: "gpt-6-luna (openai)", Offer("bare", "llama:70b"): "llama:70b (bare)"},
        ),
        ({"provider": "bare", "models": ["a"]}, {Offer("bare", "a"): "a"}),
        ({"models": ["nowhere:a", "", "openai:"]}, {LUNA: "gpt-6-luna"}),
    ],
)
def test_the_bots_own_model_is_offered_first_and_none_twice(fields, expected):
    assert list(offers(bot(**fields), PROVIDERS).items()) == list(expected.items())


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("opnai:gpt-6-luna", "offers provider `opnai`, which providers.yaml does not define. Did you mean `openai`?"),
        (
            "llama3:8b",
            "offers provider `llama3`, which providers.yaml does not define. If it is a model of `openai`, write"
            " `openai:llama3:8b`.",
        ),
        ("bare", "is a provider; write `bare:model`."),
        ("bare:", "names no model; write `model`, or `provider:model`."),
        ("", "names no model; write `model`, or `provider:model`."),
    ],
)
def test_an_entry_that_offers_nothing_is_told_with_its_place(entry, says):
    config = bot(models=["gpt-6-luna", entry, "bare:a"])

    assert list(wrong_model_offers(config, PROVIDERS)) == [(f"`models.1` {says}", ("models", 1))]


def test_a_provider_that_is_switched_off_is_told_as_that(tmp_path):
    file = tmp_path / "providers.yaml"
    file.write_text("providers: [{name: openai, kind: demo}, {name: resting, kind: demo, enabled: false}]")
    registry = ProviderRegistry.load(file, {})

    ((sentence, _),) = wrong_model_offers(bot(models=["resting:a"]), registry)

    assert sentence == "`models.0` offers provider `resting`, which is not used: it is switched off (`enabled: false`)."
