"""The providers that are known by name, beside the file that is shipped and the pages that are made of them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from utils.providers.catalogue import CATALOGUE, known_provider
from utils.providers.profiles import known_as
from utils.providers.reference import DOCUMENTS, pages
from utils.registry import PROFILE_NAMES, ProviderConfig
from utils.registry.provider_config import KINDS

SHIPPED = Path(__file__).resolve().parents[2] / "config" / "providers.yaml"
ENTRIES: list[dict[str, Any]] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["providers"]


def test_every_profile_but_the_neutral_one_is_of_a_known_provider():
    assert {"neutral", *CATALOGUE} == set(PROFILE_NAMES)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("groq", "Groq"),
        ("Claude", "Anthropic"),
        ("Together AI", "Together AI"),
        ("hf", "Hugging Face"),
        ("grok", "xAI"),
    ],
)
def test_a_provider_goes_by_several_names(name, title):
    known = known_provider(name)

    assert known is not None
    assert known.title == title


@pytest.mark.parametrize("name", ["", "neutral", "opnai", "demo"])
def test_a_name_that_nobody_goes_by_is_unknown(name):
    assert known_provider(name) is None


@pytest.mark.parametrize("name", CATALOGUE)
def test_what_is_known_makes_a_sound_entry_that_is_recognised(name):
    known = CATALOGUE[name]
    address = known.api_base.replace("${AZURE_OPENAI_RESOURCE}", "mine")
    address = address.rpartition(":-")[2].rstrip("}") if ":-" in address else address

    config = ProviderConfig(
        name="mine",
        kind=known.kind,
        api_base=address,
        api_key_env=known.api_key_env,
        default_model=known.default_model,
        models=known.models,
        embedding_model=known.embedding_model,
    )

    assert known.kind in KINDS
    assert known_as(config) == name or not address
    assert not known.models or config.lists_model(known.default_model or "")
    assert (known.key_url or "").startswith("https://")


@pytest.mark.parametrize(
    "entry", [entry for entry in ENTRIES if entry["name"] != "demo"], ids=lambda each: each["name"]
)
def test_the_file_that_is_shipped_says_what_is_known(entry):
    known = CATALOGUE[entry["name"]]
    models = {model.name for model in known.models}
    keys = entry.get("api_key_env") or ()

    assert entry.get("kind", "openai") == known.kind
    assert entry.get("api_base", "") == known.api_base
    assert ((keys,) if isinstance(keys, str) else tuple(keys)) == known.api_key_env
    assert entry["default_model"] == known.default_model
    assert {model if isinstance(model, str) else model["name"] for model in entry.get("models", ())} == models
    assert entry.get("embedding_model") in (None, known.embedding_model)
    assert entry.get("timeout") == known.timeout
    assert entry.get("settings", {}) == known.settings


@pytest.mark.parametrize("page", pages())
def test_the_pages_say_what_the_code_says(page):
    written = (DOCUMENTS / page).read_text(encoding="utf-8")

    assert written == pages()[page], "run `make docs`"
