"""The owner's own files load unchanged and keep their meaning."""

from tests.registry.files import bots_of, messages, providers_of

PROVIDERS = """\
providers:
  - name: openai
    api_base: https://api.openai.com/v1
    api_key_env: OPENAI_API_KEY
    default_model: gpt-6-luna
    models:
      - gpt-6-luna
      - gpt-6.1-terra
    timeout: 30
    headers: {}
    api_version: null
    organization_id: null
    additional_params: {}

  - name: azure-like
    api_base: "https://studio.example/openai/v1/"
    api_key_env: STUDIO_KEY
    default_model: deployment-1
    models: [deployment-1]
    timeout: 60
    headers:
      X-Team: "42"
      X-Number: 7
    api_version: 2024-10-21
    organization_id: org-1
    params:
      top_p: 0.9
      extra_body: {safe: true}
"""

BOTS = """\
bots:
  - bot_name: ClaudeBot
    provider: openai
    model: gpt-6.1-terra
    bot_description: "A bot that thinks"
    version: "1.0.0"
    temperature: 0.7
    max_tokens: 1000
    timeout: 60
    system_message: "You are helpful."
    additional_params: {top_p: 0.5}
    settings: {}

  - bot_name: Second
    provider: azure-like
    bot_description: |
      Two
      lines
    version: 1.1
    temperature: 0
    params:
      seed: 3
    settings:
      mood: sunny
"""


def test_providers_load_without_a_word_of_complaint(tmp_path):
    registry = providers_of(PROVIDERS, tmp_path)

    assert messages(registry) == []
    assert list(registry) == ["openai", "azure-like"]


def test_every_field_of_a_provider_keeps_its_meaning(tmp_path):
    registry = providers_of(PROVIDERS, tmp_path)

    first, second = registry["openai"], registry["azure-like"]
    assert first.api_base == "https://api.openai.com/v1"
    assert first.api_key_env == ("OPENAI_API_KEY",)
    assert first.default_model == "gpt-6-luna"
    assert [model.name for model in first.models] == ["gpt-6-luna", "gpt-6.1-terra"]
    assert first.timeout == 30
    assert (first.api_version, first.organization_id) == (None, None)
    assert (first.headers, first.additional_params) == ({}, {})
    assert second.headers == {"X-Team": "42", "X-Number": "7"}
    assert (second.api_version, second.organization_id) == ("2024-10-21", "org-1")
    assert second.additional_params == {"top_p": 0.9, "extra_body": {"safe": True}}


def test_bots_load_without_a_word_of_complaint(tmp_path):
    registry = bots_of(BOTS, tmp_path, PROVIDERS)

    assert messages(registry) == []
    assert list(registry) == ["ClaudeBot", "Second"]


def test_every_field_of_a_bot_keeps_its_meaning(tmp_path):
    registry = bots_of(BOTS, tmp_path, PROVIDERS)

    first, second = registry["ClaudeBot"], registry["Second"]
    assert (first.provider, first.model) == ("openai", "gpt-6.1-terra")
    assert (first.bot_description, first.version) == ("A bot that thinks", "1.0.0")
    assert (first.temperature, first.max_tokens, first.timeout) == (0.7, 1000, 60)
    assert first.system_message == "You are helpful."
    assert (first.additional_params, first.settings) == ({"top_p": 0.5}, {})
    assert (second.bot_description, second.version) == ("Two\nlines\n", "1.1")
    assert second.temperature == 0
    assert (second.additional_params, second.settings) == ({"seed": 3}, {"mood": "sunny"})


def test_what_a_bot_leaves_out_is_not_made_up(tmp_path):
    bot = bots_of("bots: [{bot_name: Poet, provider: openai}]", tmp_path)["Poet"]

    assert (bot.model, bot.temperature, bot.max_tokens, bot.timeout, bot.system_message) == (None,) * 5
    assert bot.bot_class == "bots.llm_chat_bot.LLMChatBot"
    assert (bot.served_at, bot.enabled, bot.fallbacks) == ("/Poet", True, ())


def test_nothing_after_the_colon_means_the_default(tmp_path):
    provider = """\
providers:
  - name: openai
    api_base: https://api.openai.com/v1
    api_key_env:
    default_model:
    models:
    timeout:
    headers:
    additional_params:
"""
    bot = """\
bots:
  - bot_name: Poet
    provider: openai
    model: gpt-6-luna
    bot_description:
    temperature:
    max_tokens:
    system_message:
    params:
    settings:
    path:
    access_key_env:
    fallbacks:
    poe:
"""

    registry = bots_of(bot, tmp_path, provider)
    providers = providers_of(provider, tmp_path)

    assert messages(registry) + messages(providers) == []
    assert (providers["openai"].timeout, providers["openai"].models) == (60, ())
    assert (registry["Poet"].fallbacks, registry["Poet"].poe) == ((), {})


def test_models_may_be_names_and_mappings(tmp_path):
    text = """\
providers:
  - name: openai
    api_base: https://api.openai.com/v1
    models:
      - plain
      - {name: long-name, alias: short, context: 8000, vision: true, tools: false}
      - {name: paid, price: {input: 0.15, output: "0.60", cached_input: 0.075}}
"""

    provider = providers_of(text, tmp_path)["openai"]

    plain, long, paid = provider.models
    assert (plain.name, plain.context, plain.price) == ("plain", None, None)
    assert (long.alias, long.context, long.vision, long.tools) == ("short", 8000, True, False)
    assert paid.price is not None
    assert str(paid.price.output) == "0.60"
    assert provider.model == "plain"
    assert provider.full_model_name("short") == "long-name"
    assert provider.full_model_name("other") == "other"


def test_a_list_of_keys_is_a_pool(tmp_path):
    text = "providers: [{name: a, api_base: https://a.example, api_key_env: [FIRST_KEY, SECOND_KEY]}]"

    assert providers_of(text, tmp_path)["a"].api_key_env == ("FIRST_KEY", "SECOND_KEY")


def test_a_byte_order_mark_does_no_harm(tmp_path):
    registry = providers_of("\ufeff" + PROVIDERS, tmp_path)

    assert messages(registry) == []
    assert len(registry) == 2
