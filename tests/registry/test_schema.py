"""The schemas for editors say what the models say."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.registry.files import TWO_PROVIDERS, bots_of, messages, providers_of
from utils.registry import schema
from utils.settings import ROOT

NAMES = ["providers", "bots"]


def errors_of(name: str, text: str) -> list[str]:
    checker = jsonschema.Draft202012Validator(json.loads(schema.schemas()[f"{name}.json"]))
    return [error.message for error in checker.iter_errors(yaml.safe_load(text))]


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_in_the_repository_is_fresh(name: str):
    text = (ROOT / "config" / "schema" / f"{name}.json").read_text(encoding="utf-8")

    assert text == schema.schemas()[f"{name}.json"], "stale: run `make schema`"


def test_writing_brings_both_files_up_to_date(tmp_path: Path):
    schema.write(tmp_path / "new")

    assert {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "new").iterdir()} == schema.schemas()


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_is_one(name: str):
    jsonschema.Draft202012Validator.check_schema(json.loads(schema.schemas()[f"{name}.json"]))


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_file_names_its_schema_and_obeys_it(name: str):
    text = (ROOT / "config" / f"{name}.yaml").read_text(encoding="utf-8")

    assert text.splitlines()[0] == f"# yaml-language-server: $schema=schema/{name}.json"
    assert errors_of(name, text) == []


def test_the_shipped_files_have_no_problems(tmp_path: Path):
    providers = (ROOT / "config" / "providers.yaml").read_text(encoding="utf-8")
    bots = (ROOT / "config" / "bots.yaml").read_text(encoding="utf-8")

    registry = bots_of(bots, tmp_path, providers)

    assert messages(registry) + messages(providers_of(providers, tmp_path)) == []
    assert registry


@pytest.mark.parametrize("name", NAMES)
def test_every_field_has_its_help_in_the_editor(name: str):
    entry: dict[str, Any] = json.loads(schema.schemas()[f"{name}.json"])["properties"][name]["items"]

    assert [key for key, field in entry["properties"].items() if not field.get("description")] == []


@pytest.mark.parametrize(
    ("lines", "accepted"),
    [
        ("api_key_env: A_KEY", True),
        ("api_key_env: [A_KEY, B_KEY]", True),
        ("api_key_env: null", True),
        ("models: [a, {name: b, price: {input: 1, output: 2}}]", True),
        ("params: {a: 1}", True),
        ("headers: null", True),
        ("timeout: 3", True),
        ("timeout: null", True),
        ("modles: [a]", False),
        ("timeout: soon", False),
        ("timeout: 0", False),
        ("kind: [openai]", False),
        ("models: [{nam: b}]", False),
        ("models: a", False),
        ("enabled: 3", False),
    ],
)
def test_model_and_schema_agree_on_a_provider(tmp_path: Path, lines: str, accepted: bool):
    text = f"providers:\n  - name: a\n    api_base: https://a.example\n    {lines}\n"

    assert (messages(providers_of(text, tmp_path)) == []) == accepted
    assert (errors_of("providers", text) == []) == accepted


@pytest.mark.parametrize(
    ("lines", "accepted"),
    [
        ("temperature: 0.7", True),
        ("temperature: null", True),
        ("settings: null", True),
        ("fallbacks: null", True),
        ("bot_description: null", True),
        ("params: {a: 1}", True),
        ("fallbacks: [openai]", True),
        ("path: /a/b", True),
        ("temprature: 0.7", False),
        ("temperature: 3", False),
        ("max_tokens: 0", False),
        ("path: a", False),
        ("fallbacks: openai", False),
        ("strategy: [cheapest]", False),
    ],
)
def test_model_and_schema_agree_on_a_bot(tmp_path: Path, lines: str, accepted: bool):
    text = f"bots:\n  - bot_name: Poet\n    provider: openai\n    {lines}\n"

    assert (messages(bots_of(text, tmp_path, TWO_PROVIDERS)) == []) == accepted
    assert (errors_of("bots", text) == []) == accepted
