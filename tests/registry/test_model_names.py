"""A model by its name, by its alias, or as `provider:model`, wherever one is named."""

import pytest

from tests.registry.files import bots_of, messages, providers_of
from utils.registry.model_names import Named, resolve

PROVIDERS = """\
providers:
  - name: anthropic
    api_base: https://a.example
    default_model: claude
    models: [{name: claude-haiku-5-5, alias: claude}, {name: claude-opus-5-5, alias: big}]
  - {name: ollama, api_base: https://o.example, models: ["gpt-oss:20b", {name: "qwen3:8b", alias: small}]}
  - {name: hf, api_base: https://h.example, models: ["openai/gpt-oss-120b:fastest", {name: other, alias: small}]}
  - {name: gpt-oss, api_base: https://g.example, default_model: x}
  - {name: bare, api_base: https://b.example}
"""


@pytest.mark.parametrize(
    ("text", "own", "meant"),
    [
        ("claude", "anthropic", "anthropic:claude-haiku-5-5"),
        ("claude", None, "anthropic:claude-haiku-5-5"),
        ("claude-opus-5-5", None, "anthropic:claude-opus-5-5"),
        ("anthropic:big", "ollama", "anthropic:claude-opus-5-5"),
        (" anthropic:unlisted ", None, "anthropic:unlisted"),
        ("anthropic", None, "anthropic"),
        ("anthropic:", None, "anthropic"),
        ("gpt-oss:20b", "ollama", "ollama:gpt-oss:20b"),
        ("gpt-oss:20b", "hf", "gpt-oss:20b"),
        ("ollama:gpt-oss:20b", None, "ollama:gpt-oss:20b"),
        ("openai/gpt-oss-120b:fastest", None, "hf:openai/gpt-oss-120b:fastest"),
        ("small", "hf", "hf:other"),
        ("small", None, None),
        ("anything", "bare", "bare:anything"),
        ("qwen:7b", "bare", None),
        ("nobody", None, None),
        ("", None, None),
    ],
)
def test_what_is_meant_is_found(tmp_path, text, own, meant):
    named = resolve(text, providers_of(PROVIDERS, tmp_path), own)

    assert (str(named) if named else None) == meant


def test_the_name_of_a_provider_alone_leaves_the_model_to_it(tmp_path):
    assert resolve("bare", providers_of(PROVIDERS, tmp_path)) == Named("bare", None)


@pytest.mark.parametrize(
    ("lines", "provider", "model"),
    [
        ("provider: anthropic, model: claude", "anthropic", "claude-haiku-5-5"),
        ("provider: anthropic, model: 'anthropic:big'", "anthropic", "claude-opus-5-5"),
        ("model: 'anthropic:claude'", "anthropic", "claude-haiku-5-5"),
        ("model: 'ollama:gpt-oss:20b'", "ollama", "gpt-oss:20b"),
        ("model: big", "anthropic", "claude-opus-5-5"),
        ("provider: ollama, model: 'gpt-oss:20b'", "ollama", "gpt-oss:20b"),
        ("provider: bare, model: 'gpt-oss:20b'", "bare", "gpt-oss:20b"),
        ("provider: anthropic", "anthropic", None),
        ("targets: ['anthropic:big', ollama]", "anthropic", "claude-opus-5-5"),
    ],
)
def test_a_bot_that_is_loaded_has_its_provider_and_the_full_name_of_its_model(tmp_path, lines, provider, model):
    registry = bots_of(f"bots: [{{bot_name: Poet, {lines}}}]", tmp_path, PROVIDERS)

    assert (registry["Poet"].provider, registry["Poet"].model) == (provider, model)


def test_fallbacks_and_targets_are_loaded_with_full_names(tmp_path):
    text = """\
bots:
  - bot_name: A
    provider: ollama
    fallbacks: [claude, "anthropic:big", gpt-oss, "ollama:small"]
    context_fallback: big
  - {bot_name: B, targets: [claude, {target: "hf:small", name: mine}]}
"""

    registry = bots_of(text, tmp_path, PROVIDERS)

    assert messages(registry) == []
    full = ("anthropic:claude-haiku-5-5", "anthropic:claude-opus-5-5", "gpt-oss", "ollama:qwen3:8b")
    assert registry["A"].fallbacks == full
    assert registry["A"].context_fallback == "anthropic:claude-opus-5-5"
    targets = [(target.target, target.label) for target in registry["B"].targets]
    assert targets == [("anthropic:claude-haiku-5-5", "claude"), ("hf:other", "mine")]


def test_a_default_model_may_be_an_alias(tmp_path):
    assert providers_of(PROVIDERS, tmp_path)["anthropic"].model == "claude-haiku-5-5"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("{bot_name: Poet}", "bot `Poet`: `provider` is missing; or write `model: provider:model`."),
        (
            "{bot_name: Poet, model: small}",
            "bot `Poet`: `provider` is missing, and the model `small` is listed by `ollama` and `hf`.",
        ),
        (
            "{bot_name: Poet, model: 'antropic:claude'}",
            "bot `Poet` asks for provider `antropic`, which providers.yaml does not define. Did you mean `anthropic`?",
        ),
        (
            "{bot_name: Poet, provider: bare, model: m, fallbacks: [small]}",
            "bot `Poet` falls back to `small`, which is listed by `ollama` and `hf`; write `ollama:small`.",
        ),
        (
            "{bot_name: Poet, provider: bare, model: m, fallbacks: [clade]}",
            "bot `Poet` falls back to provider `clade`, which providers.yaml does not define. Did you mean `claude`?",
        ),
        (
            "{bot_name: Poet, targets: [bare]}",
            "bot `Poet`: provider `bare` has no default model; write `bare:model`.",
        ),
        (
            "{bot_name: Poet, provider: hf, model: 'gpt-oss:20b'}",
            "bot `Poet`: provider `hf` does not list the model `gpt-oss:20b`; it is asked all the same."
            " If a model of provider `gpt-oss` is meant, remove `provider: hf`.",
        ),
        (
            "{bot_name: Poet, provider: anthropic, models: [claude, bgi, 'ollama:smal']}",
            "bot `Poet`: provider `anthropic` does not list the model `bgi`; it is asked all the same."
            " Did you mean `big`?",
        ),
    ],
)
def test_what_cannot_be_found_is_said_with_what_may_be_meant(tmp_path, lines, message):
    registry = bots_of(f"bots:\n  - {lines}\n", tmp_path, PROVIDERS)

    assert f"bots.yaml:2: {message}" in messages(registry)


@pytest.mark.parametrize(
    ("models", "says"),
    [
        ("[{name: a, alias: x}, {name: b, alias: x}]", "the alias `x` already stands for `a`, which is meant by it"),
        ("[{name: a, alias: b}, b]", "the alias `b` is the name of another model, which is meant by it"),
    ],
)
def test_an_alias_that_means_two_models_is_pointed_out(tmp_path, models, says):
    registry = providers_of(f"providers:\n- {{name: p, api_base: https://p.example, models: {models}}}\n", tmp_path)

    (message,) = messages(registry)

    assert says in message
    assert "p" in registry
    assert registry["p"].full_model_name("b") == "b"
