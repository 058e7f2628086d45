"""What only the entries together can tell: names, paths and models that do not fit each other."""

import pytest

from tests.registry.files import BOT, PROVIDER, bots_of, messages, providers_of
from utils.registry.bot_config_registry import is_reserved


def test_of_two_providers_of_one_name_the_first_is_used(tmp_path):
    text = """\
providers:
  - {name: a, api_base: https://first.example}
  - {name: a, api_base: https://second.example}
"""

    registry = providers_of(text, tmp_path)

    assert messages(registry) == ["providers.yaml:3: provider `a` stands here twice; the first one is used."]
    assert registry["a"].api_base == "https://first.example"


def test_of_two_bots_of_one_name_the_first_is_served(tmp_path):
    text = f"{BOT}    model: gpt-6-luna\n  - bot_name: Poet\n    provider: openai\n    path: /other\n"

    registry = bots_of(text, tmp_path)

    assert messages(registry) == ["bots.yaml:5: bot `Poet` stands here twice; the first one is served."]
    assert registry["Poet"].model == "gpt-6-luna"


def test_a_bot_that_is_switched_off_leaves_its_name_and_path_to_another(tmp_path):
    text = f"{BOT}    enabled: false\n  - {{bot_name: Poet, provider: bare, model: m}}\n"

    registry = bots_of(text, tmp_path)

    assert messages(registry) == []
    assert registry["Poet"].provider == "bare"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "path: /Poet",
            "bots.yaml:4: bot `Singer`: the path /Poet is already that of bot `Poet`; give it another `path`.",
        ),
        (
            "path: /Poet/",
            "bots.yaml:4: bot `Singer`: the path /Poet is already that of bot `Poet`; give it another `path`.",
        ),
        ("path: /", "bots.yaml:4: bot `Singer`: the path / belongs to the server itself; give it another `path`."),
        (
            "path: /health",
            "bots.yaml:4: bot `Singer`: the path /health belongs to the server itself; give it another `path`.",
        ),
        (
            "path: /v1/chat",
            "bots.yaml:4: bot `Singer`: the path /v1/chat belongs to the server itself; give it another `path`.",
        ),
    ],
)
def test_a_path_has_one_owner(tmp_path, path, message):
    text = f"bots:\n  - {{bot_name: Poet, provider: openai}}\n  - bot_name: Singer\n    {path}\n    provider: openai\n"

    registry = bots_of(text, tmp_path)

    assert messages(registry) == [message]
    assert list(registry) == ["Poet"]


def test_a_bot_whose_name_is_a_path_of_the_server_needs_another_path(tmp_path):
    text = "bots:\n  - {bot_name: health, provider: openai}\n  - {bot_name: chat, provider: openai, path: /talk}\n"

    registry = bots_of(text, tmp_path)

    assert messages(registry) == [
        "bots.yaml:2: bot `health`: the path /health belongs to the server itself; give it another `path`."
    ]
    assert registry["chat"].served_at == "/talk"


@pytest.mark.parametrize(
    ("path", "reserved"),
    [("/", True), ("/health", True), ("/v1/x/y", True), ("/healthy", False), ("/Poet", False), ("/deep/health", False)],
)
def test_the_servers_own_paths_and_all_below_them_are_reserved(path, reserved):
    assert is_reserved(path) == reserved


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            "provider: opnai",
            "bots.yaml:3: bot `Poet` asks for provider `opnai`, which providers.yaml does not define."
            " Did you mean `openai`?",
        ),
        ("provider: zzz", "bots.yaml:3: bot `Poet` asks for provider `zzz`, which providers.yaml does not define."),
        (
            "provider: off",
            "bots.yaml:3: bot `Poet` asks for provider `off`, which is not used:"
            " it is switched off (`enabled: false`).",
        ),
        (
            "provider: broken",
            "bots.yaml:3: bot `Poet` asks for provider `broken`, which is not used: its entry has a mistake.",
        ),
        (
            "provider: bare",
            "bots.yaml:3: bot `Poet` names no `model`, and provider `bare` has no default_model.",
        ),
        (
            "provider: openai\n    fallbacks:\n      - bare:m\n      - opnai:m",
            "bots.yaml:6: bot `Poet` falls back to provider `opnai`, which providers.yaml does not define."
            " Did you mean `openai`?",
        ),
        (
            "provider: openai\n    fallbacks: [bare]",
            "bots.yaml:4: bot `Poet`: provider `bare` has no default model; write `bare:model`.",
        ),
        (
            "provider: openai\n    fallbacks: [off]",
            "bots.yaml:4: bot `Poet` falls back to provider `off`, which is not used:"
            " it is switched off (`enabled: false`).",
        ),
    ],
)
def test_a_bot_whose_provider_cannot_be_asked_is_left_out(tmp_path, lines, message):
    providers = """\
providers:
  - {name: openai, api_base: https://api.openai.com/v1, models: [gpt-6-luna]}
  - {name: bare, api_base: https://bare.example/v1}
  - {name: "off", api_base: https://off.example, enabled: false}
  - {name: broken}
"""
    lines = lines.replace("off", '"off"', 1) if lines == "provider: off" else lines.replace("[off]", '["off"]')

    registry = bots_of(f"bots:\n  - bot_name: Poet\n    {lines}\n", tmp_path, providers)

    assert messages(registry) == [message]
    assert list(registry) == []


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            "model: gpt-6-lunna",
            "bots.yaml:4: bot `Poet`: provider `openai` does not list the model `gpt-6-lunna`;"
            " it is asked all the same. Did you mean `gpt-6-luna`?",
        ),
        (
            "fallbacks:\n      - openai:zebra",
            "bots.yaml:5: bot `Poet`: provider `openai` does not list the model `zebra`; it is asked all the same.",
        ),
    ],
)
def test_a_model_that_is_not_listed_is_a_warning_because_lists_age(tmp_path, lines, message):
    registry = bots_of(f"{BOT}    {lines}\n", tmp_path)

    (problem,) = registry.problems
    assert (str(problem), problem.severity) == (message, "warning")
    assert list(registry) == ["Poet"]


def test_a_provider_that_lists_nothing_is_believed_to_serve_every_model(tmp_path):
    registry = bots_of("bots: [{bot_name: Poet, provider: bare, model: anything}]", tmp_path)

    assert messages(registry) == []


def test_a_model_may_be_called_by_its_alias(tmp_path):
    providers = "providers: [{name: a, api_base: https://a.example, models: [{name: a-long-name, alias: short}]}]"

    registry = bots_of("bots: [{bot_name: Poet, provider: a, model: short}]", tmp_path, providers)

    assert messages(registry) == []


def test_a_default_model_outside_the_list_is_a_warning(tmp_path):
    text = """\
providers:
  - name: a
    api_base: https://a.example
    models: [b]
    default_model: c
"""

    registry = providers_of(text, tmp_path)

    (problem,) = registry.problems
    assert str(problem) == "providers.yaml:5: provider `a`: its default_model `c` is not among its models."
    assert problem.severity == "warning"
    assert list(registry) == ["a"]


@pytest.mark.parametrize("header", ["x-api-key: sk-0123456789abcdef", "Authorization: Bearer sk-0123456789"])
def test_a_key_among_the_headers_in_clear_is_a_warning_that_does_not_repeat_it(tmp_path, header):
    registry = providers_of(f"{PROVIDER}    headers:\n      {header}\n", tmp_path)

    (problem,) = registry.problems
    assert str(problem).startswith(
        f"providers.yaml:5: provider `openai`: `headers.{header.split(':')[0]}` stands here in"
    )
    assert "sk-" not in str(problem)
    assert problem.severity == "warning"


@pytest.mark.parametrize(
    "header", ["x-api-key: ${TEAM_KEY}", "x-title: a title that is long enough", "x-auth-mode: iam"]
)
def test_other_headers_are_none(tmp_path, header):
    assert (
        messages(providers_of(f"{PROVIDER}    headers:\n      {header}\n", tmp_path, TEAM_KEY="sk-0123456789abcdef"))
        == []
    )


def test_a_provider_without_a_name_is_never_suggested(tmp_path):
    providers = "providers: [{api_base: https://a.example}]"

    registry = bots_of("bots: [{bot_name: Poet, provider: Non, model: m}]", tmp_path, providers)

    assert messages(registry) == [
        "bots.yaml:1: bot `Poet` asks for provider `Non`, which providers.yaml does not define."
    ]


def test_a_later_room_can_point_at_the_line_of_a_bot(tmp_path):
    registry = bots_of(f"{BOT}    poe:\n      introduction_message: Hello\n", tmp_path)

    problem = registry.problem("Poet", "this is wrong.", "poe", "introduction_message")

    assert str(problem) == "bots.yaml:5: bot `Poet`: this is wrong."


def test_a_bot_that_came_from_no_file_has_no_line():
    from utils.registry import BotConfig, BotConfigRegistry

    registry = BotConfigRegistry([BotConfig(bot_name="Poet", provider="openai")])

    assert str(registry.problem("Poet", "this is wrong.")) == "bot `Poet`: this is wrong."
