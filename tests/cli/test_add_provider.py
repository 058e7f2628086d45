import json

import pytest

from tests.cli.configuration import PROVIDERS, Configuration, said
from utils.cli.adding import listed

STUDIO = """
  - name: studio
    kind: openai
    api_base: http://localhost:1234/v1
    api_key_env: STUDIO_KEY
    default_model: b
    models: [a, b, c]
    timeout: 90
    headers:
      X-Team: "42"
    api_version: '2024-10-21'
    organization_id: org
    profile: vllm
"""


def test_a_known_provider_needs_its_name_only(tmp_path):
    files = Configuration.in_folder(tmp_path)

    result = files.run("add-provider", "groq")

    assert result.exit_code == 0
    assert files.providers.startswith(PROVIDERS)
    assert (
        "  - name: groq\n    api_base: https://api.groq.com/openai/v1\n    api_key_env: GROQ_API_KEY\n"
        in files.providers
    )
    assert "keys set GROQ_API_KEY" in said(result)
    assert "add-bot" in said(result)


def test_every_option_becomes_a_field(tmp_path):
    files = Configuration.in_folder(tmp_path)

    result = files.run(
        "add-provider", "--name", "studio", "--api-base", "http://localhost:1234/v1", "--api-key-env", "STUDIO_KEY",
        "--default-model", "b", "--models", "a,b", "--models", "c", "--api-version", "2024-10-21",
        "--headers", "X-Team: 42", "--timeout", "90", "--organization-id", "org", "--profile", "vllm",
        "--kind", "openai",
    )  # fmt: skip

    assert result.exit_code == 0
    assert files.providers == f"{PROVIDERS}{STUDIO}"


def test_a_key_in_place_of_its_name_is_refused_and_not_repeated(tmp_path):
    files = Configuration.in_folder(tmp_path)
    key = "sk-proj-abcdefghijklmnop0123456789"

    result = files.run("add-provider", "deepseek", "--api-key-env", key)

    assert result.exit_code == 1
    assert "*name* of an environment variable" in said(result)
    assert key not in result.output
    assert files.providers == PROVIDERS


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["openai"], 1, "already a provider `openai`"),
        (["grok2"], 1, "give its --api-base too"),
        (["x", "--api-base", "nowhere"], 1, "should be an address"),
        (["x", "--api-base", "http://a/v1", "--headers", "no colon"], 1, 'a header is written "Name: value"'),
        (["x", "--api-base", "http://a/v1", "--timeout", "inf"], 1, "`inf` is no number that a field can have"),
        (["x", "--api-base", "http://a/v1", "--timeout", "nan"], 1, "`nan` is no number that a field can have"),
        ([], 2, "say its name"),
        (["a", "--name", "b"], 2, "two names"),
    ],
)
def test_what_cannot_be_added_is_refused(tmp_path, words, code, message):
    files = Configuration.in_folder(tmp_path)

    result = files.run("add-provider", *words)

    assert result.exit_code == code
    assert message in said(result)
    assert files.providers == PROVIDERS


def test_force_replaces_an_entry_where_it_stands(tmp_path):
    files = Configuration.in_folder(tmp_path)

    result = files.run("add-provider", "openai", "--force", "--models", "gpt-6-sol")

    assert result.exit_code == 0
    assert "models: [gpt-6-sol]" in files.providers
    assert files.providers.count("name: openai\n") == 1


def test_the_difference_can_be_had_as_json_and_without_a_change(tmp_path):
    files = Configuration.in_folder(tmp_path)

    shown = files.run("add-provider", "groq", "--dry-run")
    asked = files.run("add-provider", "groq", "--dry-run", "--json")

    assert "+  - name: groq\n" in shown.stdout
    assert json.loads(asked.stdout) == {"changed": False, "diff": shown.stdout}
    assert files.providers == PROVIDERS


def test_names_are_given_one_by_one_or_with_commas():
    assert listed(["a, b", "c,"]) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["groq", "--api-base", "https://proxy.example/v1"], None),
        (["groq", "--api-base", "https://proxy.example/v1", "--api-key-env", "PROXY_KEY"], "PROXY_KEY"),
        (["groq", "--api-base", "https://api.groq.com/openai/v2"], "GROQ_API_KEY"),
        (["litellm", "--api-base", "https://proxy.example/v1", "--default-model", "x"], "LITELLM_API_KEY"),
    ],
)
def test_the_key_of_a_known_provider_is_not_named_for_another_host(tmp_path, words, key):
    files = Configuration.in_folder(tmp_path)

    result = files.run("add-provider", *words)

    assert result.exit_code == 0
    added = files.providers.removeprefix(PROVIDERS)
    assert (f"api_key_env: {key}\n" in added) if key else ("api_key_env" not in added)
    assert ("--api-key-env names one for it" in said(result)) == (key is None)
