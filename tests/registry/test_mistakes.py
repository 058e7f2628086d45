"""Every mistake in an entry is one message that says where it is and what would be right."""

import pytest

from tests.registry.files import BOT, PROVIDER, bots_of, messages, providers_of

KEY = "sk-abcdef0123456789abcdef"
NOT_A_KEY = (
    "here stands the *name* of an environment variable, such as OPENAI_API_KEY, and never a key itself"
    " (if a real key stood here, replace it: it is in your files)."
)


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        ("modles: [a]", 4, "`modles` is not a known key. Did you mean `models`?"),
        ("Models: [a]", 4, "`Models` is not a known key. Did you mean `models`?"),
        ("api_key: A_KEY", 4, "`api_key` is not a known key. Did you mean `api_key_env`?"),
        ("zebra: 1", 4, "`zebra` is not a known key."),
        ("models:\n    - {name: a, contxt: 3}", 5, "`contxt` is not a known key. Did you mean `context`?"),
        (
            "models:\n    - name: a\n      price:\n        input: 1\n        ouput: 2",
            8,
            "`ouput` is not a known key. Did you mean `output`?",
        ),
        ("models:\n    - name: a\n      price: {input: 1}", 6, "`models.0.price.output` is missing."),
        ("models:\n    - alias: a", 5, "`models.0.name` is missing."),
        ("models:\n    - a\n    - [b]", 6, "`models.1` should be a mapping."),
        ("models:\n    - name: a\n      context: many", 6, "`models.0.context` should be a whole number."),
        ("models: gpt-6-luna", 4, "`models` should be a list."),
        ("models: {gpt-6-luna: {}}", 4, "`models` should be a list."),
        ("timeout: soon", 4, "`timeout` should be a number."),
        ("timeout: [30]", 4, "`timeout` should be a number."),
        ("timeout: 0", 4, "`timeout` should be greater than 0."),
        ("timeout: .inf", 4, "`timeout` should be a finite number."),
        ("headers: [a]", 4, "`headers` should be a mapping."),
        ("headers:\n      X-A: fine\n      X-B: [b]", 6, "`headers.X-B` should be text; put it in quotes."),
        ("default_model: no", 4, "`default_model` should be text; put it in quotes."),
        ("enabled: maybe", 4, "`enabled` should be true or false."),
        ("enabled:", 4, "`enabled` should be true or false."),
        (
            "kind: opnai",
            4,
            "`kind` should be 'openai', 'azure', 'bedrock', 'replicate' or 'demo'. Did you mean `openai`?",
        ),
        ("timeout: 30\n    timeout: 60", 5, "`timeout` stands here twice; keep one of them."),
        (
            f"headers:\n      X-A: a\n      X-B: {KEY}ß",
            6,
            "`headers.X-B`: holds a character that no header can carry;"
            " only plain letters, digits and signs can be sent.",
        ),
        (
            f'headers:\n      X-B: "{KEY}\\nX-C: d"',
            5,
            "`headers.X-B`: holds a character that no header can carry;"
            " only plain letters, digits and signs can be sent.",
        ),
        (
            "headers:\n      X B: a",
            5,
            "`headers.X B`: is no name of a header; it is one word of letters, digits and `-`.",
        ),
        ("headers:\n      X-A: a\n      X-A: b", 6, "`X-A` stands here twice; keep one of them."),
        ("models:\n    - name: a\n      name: b", 6, "`name` stands here twice; keep one of them."),
        (
            "params: {}\n    additional_params: {}",
            2,
            "`params` and `additional_params` are the same key; keep one of them.",
        ),
        ("api_key_env: OPENAI API KEY", 4, f"`api_key_env`: {NOT_A_KEY}"),
        ("api_key_env: {A: b}", 4, "`api_key_env` should be a list."),
        ("headers:\n      X-A: a\n      X-B: ${NOWHERE}", 6, "the environment variable NOWHERE is not set."),
        ("headers: {X-A: '${NOWHERE}', X-B: '${NOWHERE}'}", 4, "the environment variable NOWHERE is not set."),
    ],
)
def test_a_mistake_in_a_provider_is_one_message(tmp_path, lines, line, message):
    registry = providers_of(f"{PROVIDER}    {lines}\n", tmp_path)

    assert messages(registry) == [f"providers.yaml:{line}: provider `openai`: {message}"]
    assert list(registry) == []


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{api_base: https://a.example}", "a provider without `name`: `name` is missing."),
        (
            "{nam: a, api_base: https://a.example}",
            "a provider without `name`: `nam` is not a known key. Did you mean `name`?",
        ),
        (
            "{name: '', api_base: https://a.example}",
            "a provider without `name`: `name` should have at least 1 character.",
        ),
        (
            "{name: [a], api_base: https://a.example}",
            "a provider without `name`: `name` should be text; put it in quotes.",
        ),
        (
            "{name: a b, api_base: https://a.example}",
            "provider `a b`: `name` should hold no blank, colon or slash.",
        ),
        ("{name: a}", "provider `a`: `api_base` is missing: it says where the provider's API is."),
        (
            "{name: a, api_base: api.a.example/v1}",
            "provider `a`: `api_base`: should be an address such as https://api.openai.com/v1.",
        ),
        (
            "{name: a, api_base: 'https://h:p4ssword/'}",
            "provider `a`: `api_base`: should be an address such as https://api.openai.com/v1.",
        ),
        (
            "{name: a, api_base: 'https://[::1/'}",
            "provider `a`: `api_base`: should be an address such as https://api.openai.com/v1.",
        ),
        ("{}", "a provider without `name`: `name` is missing."),
    ],
)
def test_a_provider_needs_a_name_and_an_address(tmp_path, entry, message):
    registry = providers_of(f"providers:\n  - {entry}\n", tmp_path)

    assert messages(registry) == [f"providers.yaml:2: {message}"]


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        ("temprature: 0.5", 4, "`temprature` is not a known key. Did you mean `temperature`?"),
        ("name: Other", 4, "`name` is not a known key. Did you mean `bot_name`?"),
        ("temperature: warm", 4, "`temperature` should be a number."),
        ("temperature: 3", 4, "`temperature` should be less than or equal to 2."),
        ("max_tokens: 0", 4, "`max_tokens` should be greater than 0."),
        ("max_tokens: 10.5", 4, "`max_tokens` should be a whole number."),
        ("timeout: -1", 4, "`timeout` should be greater than 0."),
        ("system_message: [be, kind]", 4, "`system_message` should be text; put it in quotes."),
        ("settings: fast", 4, "`settings` should be a mapping."),
        ("poe: []", 4, "`poe` should be a mapping."),
        ("fallbacks: openai", 4, "`fallbacks` should be a list."),
        ("fallbacks:\n      - openai\n      - [bare]", 6, "`fallbacks.1` should be text; put it in quotes."),
        ("on_break: carry-on", 4, "`on_break` should be 'replace', 'continue' or 'error'."),
        ("retries: -1", 4, "`retries` should be greater than or equal to 0."),
        (
            "split: {a: 0}",
            4,
            "`split`: should give at least one target a share above 0, such as `{a: 90, b: 10, by: user}`.",
        ),
        ("path: poet", 4, "`path` should begin with a slash, and hold no blank, `?`, `#`, `%` or backslash."),
        ("path: /a?b", 4, "`path` should begin with a slash, and hold no blank, `?`, `#`, `%` or backslash."),
        ("access_key_env: a key", 4, f"`access_key_env`: {NOT_A_KEY}"),
        ("model: gpt-6-luna\n    model: gpt-6-sol", 5, "`model` stands here twice; keep one of them."),
        (
            "params: {}\n    additional_params: {}",
            2,
            "`params` and `additional_params` are the same key; keep one of them.",
        ),
        ("system_message: Hi ${NOWHERE}", 4, "the environment variable NOWHERE is not set."),
    ],
)
def test_a_mistake_in_a_bot_is_one_message(tmp_path, lines, line, message):
    registry = bots_of(f"{BOT}    {lines}\n", tmp_path)

    assert messages(registry) == [f"bots.yaml:{line}: bot `Poet`: {message}"]
    assert list(registry) == []


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{provider: openai}", "a bot without `bot_name`: `bot_name` is missing."),
        ("{bot_name: Poet}", "bot `Poet`: `provider` is missing; or write `model: provider:model`."),
        ("{bot_name: Poet, provder: openai}", "bot `Poet`: `provder` is not a known key. Did you mean `provider`?"),
        ("{bot_name: ' Poet', provider: openai}", "bot ` Poet`: `bot_name`: should not begin or end with a blank."),
        (
            "{bot_name: a/b, provider: openai}",
            "bot `a/b`: `bot_name` should hold no `/`, `?`, `#`, `%` or backslash.",
        ),
    ],
)
def test_a_bot_needs_a_name_and_a_provider(tmp_path, entry, message):
    registry = bots_of(f"bots:\n  - {entry}\n", tmp_path)

    assert messages(registry) == [f"bots.yaml:2: {message}"]


def test_several_mistakes_are_told_at_once(tmp_path):
    registry = bots_of(f"{BOT}    temprature: 1\n    max_tokens: many\n", tmp_path)

    assert sorted(messages(registry)) == [
        "bots.yaml:4: bot `Poet`: `temprature` is not a known key. Did you mean `temperature`?",
        "bots.yaml:5: bot `Poet`: `max_tokens` should be a whole number.",
    ]


@pytest.mark.parametrize(
    "line",
    [
        f"api_key_env: {KEY}",
        f"api_key_env: [GOOD_NAME, {KEY}]",
        "api_key_env: AbCdEf0123456789AbCdEf0123456789",
        "api_key_env: gsk_abcdefghijklmnopqrstuvwxyz",
        f"api_key_env: {{{KEY}: 1}}",
        f"api_base: {KEY}",
        f"timeout: {KEY}",
        f"enabled: {KEY}",
        f"kind: {KEY}",
        f"headers: {KEY}",
        f"models: {KEY}",
        f"additional_params: {KEY}",
    ],
)
def test_a_key_that_was_pasted_in_is_refused_and_not_repeated(tmp_path, line):
    entry = "\n".join(["providers:", "  - name: openai", f"    {line}"])

    registry = providers_of(entry, tmp_path)

    (message,) = messages(registry)
    assert message.startswith("providers.yaml:3: provider `openai`: ")
    assert not any(part in message for part in (KEY, "AbCdEf", "gsk_"))


@pytest.mark.parametrize("value", ["AbCdEf0123456789AbCdEf0123456789", KEY])
def test_a_poe_access_key_that_was_pasted_in_is_refused_and_not_repeated(tmp_path, value):
    registry = bots_of(f"{BOT}    access_key_env: {value}\n", tmp_path)

    assert messages(registry) == [f"bots.yaml:4: bot `Poet`: `access_key_env`: {NOT_A_KEY}"]


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "POE_ACCESS_KEY_A_RATHER_LONG_NAME_2", "key", "_k2", "OpenAiKey"])
def test_names_of_variables_are_taken(tmp_path, name):
    registry = bots_of(f"{BOT}    access_key_env: {name}\n", tmp_path)

    assert messages(registry) == []


@pytest.mark.parametrize(
    "bad",
    [
        "{name: bad}",
        "{nam: bad}",
        "just words",
        "3",
        "null",
        "[a, b]",
        "{name: bad, api_base: '${NOWHERE}'}",
        "{name: !!set {a}}",
    ],
)
def test_a_bad_entry_never_takes_the_others_down(tmp_path, bad):
    text = f"""\
providers:
  - {{name: before, api_base: https://a.example}}
  - {bad}
  - {{name: after, api_base: https://b.example}}
"""

    registry = providers_of(text, tmp_path)

    assert list(registry) == ["before", "after"]
    (message,) = messages(registry)
    assert message.startswith("providers.yaml:3: ")


@pytest.mark.parametrize("element", ["words", "3", "null", "[a]"])
def test_an_element_that_is_no_entry_is_told_by_its_number(tmp_path, element):
    registry = bots_of(f"bots:\n\n  - {element}\n", tmp_path)

    assert messages(registry) == ["bots.yaml:3: entry 1 of `bots:` should be a mapping such as `- name: value`."]
