"""A file that cannot be used at all says why, on its line; anchors and merge keys work within bounds."""

import pytest

from tests.registry.files import messages, providers_of, written
from utils.registry import BotConfigRegistry, ProviderRegistry

HINT = " A wrong indent, a tab or a missing quote is the usual cause."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "providers.yaml: the file is empty. It should begin with `providers:` and a list below it."),
        (
            "# nothing yet\n",
            "providers.yaml: the file is empty. It should begin with `providers:` and a list below it.",
        ),
        ("hello", "providers.yaml:1: the file should begin with `providers:` and a list below it."),
        ("- name: a\n", "providers.yaml:1: the file should begin with `providers:` and a list below it."),
        (
            "\nprovider:\n",
            "providers.yaml:2: `provider` is not known here; this file holds `providers:`. Did you mean `providers`?",
        ),
        ("bots: []\n", "providers.yaml:1: `bots` is not known here; this file holds `providers:`."),
        ("{}", "providers.yaml:1: the file has no `providers:`."),
        ("\nproviders:\n", "providers.yaml:2: the list under `providers:` is empty."),
        ("providers: openai", "providers.yaml:1: `providers:` should be a list: each entry begins with `- `."),
        ("providers:\n  openai: {}\n", "providers.yaml:1: `providers:` should be a list: each entry begins with `- `."),
        (b"\xff\xfep\x00", "providers.yaml: the file cannot be read: it is not UTF-8 text."),
        (b"providers: [caf\xe9]", "providers.yaml: the file cannot be read: it is not UTF-8 text."),
        (b"\x00\x01\x02", "providers.yaml: the file is no valid YAML: it holds something that is no text."),
        (
            "providers:\n\t- name: a\n",
            f"providers.yaml:2: the file is no valid YAML: found character that cannot start any token.{HINT}",
        ),
        (
            "providers:\n  - name: 'a\n",
            f"providers.yaml:3: the file is no valid YAML: found unexpected end of stream.{HINT}",
        ),
        (
            "providers: []\n---\nproviders: []\n",
            "providers.yaml:2: the file is no valid YAML: but found another document.",
        ),
        ("? [a]\n: b\n", "providers.yaml:1: the file is no valid YAML: a key should be a plain word."),
        ("providers: *nothing\n", "providers.yaml:1: the file is no valid YAML: found undefined alias."),
        (
            "providers: !!python/object/apply:os.getcwd []\n",
            "providers.yaml:1: the file is no valid YAML: could not determine a constructor for the tag"
            " 'tag:yaml.org,2002:python/object/apply:os.getcwd'.",
        ),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path, text, message):
    registry = providers_of(text, tmp_path)

    assert messages(registry) == [message]
    assert list(registry) == []


def test_a_missing_file_is_a_problem_of_both_registries(tmp_path):
    providers = ProviderRegistry.load(tmp_path / "providers.yaml", {})
    bots = BotConfigRegistry.load(tmp_path / "bots.yaml", {}, providers)

    assert messages(providers) == ["providers.yaml: there is no such file."]
    assert messages(bots) == ["bots.yaml: there is no such file."]


def test_a_folder_in_place_of_the_file_is_a_problem(tmp_path):
    registry = ProviderRegistry.load(tmp_path, {})

    assert messages(registry) == [f"{tmp_path.name}: the file cannot be read: is a directory."]


def test_an_empty_list_is_no_mistake(tmp_path):
    assert messages(providers_of("providers: []\n", tmp_path)) == []


def test_a_file_below_the_working_folder_is_named_by_its_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()

    registry = ProviderRegistry.load(written(tmp_path / "config" / "providers.yaml", "hello"), {})

    assert messages(registry) == [
        "config/providers.yaml:1: the file should begin with `providers:` and a list below it."
    ]


def test_an_unknown_key_beside_the_list_leaves_the_list_alone(tmp_path):
    registry = providers_of("version: 2\nproviders:\n  - {name: a, api_base: https://a.example}\n", tmp_path)

    assert messages(registry) == ["providers.yaml:1: `version` is not known here; this file holds `providers:`."]
    assert list(registry) == ["a"]


def test_a_second_list_is_told(tmp_path):
    registry = providers_of("providers: []\nproviders:\n  - {name: a, api_base: https://a.example}\n", tmp_path)

    assert messages(registry) == ["providers.yaml:2: `providers:` stands here twice; only this one counts."]
    assert list(registry) == ["a"]


def test_anchors_and_merge_keys_work(tmp_path):
    text = """\
providers:
  - &base
    name: first
    api_base: https://a.example
    timeout: 5
    headers: &headers {X-Team: blue}
  - <<: *base
    name: second
    timeout: 9
  - <<: [*base]
    name: third
    headers:
      <<: *headers
      X-More: "yes"
"""

    registry = providers_of(text, tmp_path)

    assert messages(registry) == []
    assert [provider.timeout for provider in registry.values()] == [5, 9, 5]
    assert registry["third"].headers == {"X-Team": "blue", "X-More": "yes"}


def test_a_mistake_behind_an_anchor_is_told_on_the_line_where_it_stands(tmp_path):
    text = """\
providers:
  - &base
    name: first
    api_base: https://a.example
    timeout: soon
  - <<: *base
    name: second
"""

    registry = providers_of(text, tmp_path)

    assert messages(registry) == [
        "providers.yaml:5: provider `first`: `timeout` should be a number.",
        "providers.yaml:5: provider `second`: `timeout` should be a number.",
    ]


BOMB = "\n".join(
    ["a: &a [x, x, x, x, x, x, x, x, x]"]
    + [f"{name}: &{name} [{', '.join(['*' + below] * 9)}]" for below, name in zip("abcdefgh", "bcdefghi", strict=True)]
)
MERGES = "\n".join(
    ["a: &a {x: 1}"]
    + [
        f"{name}: &{name} {{<<: [{', '.join(['*' + below] * 9)}]}}"
        for below, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "providers.yaml:6: the file cannot be used: its anchors unfold to too much."),
        (MERGES, "providers.yaml:6: the file cannot be used: its anchors unfold to too much."),
        ("a: &a [*a]", "providers.yaml:1: the file cannot be used: an anchor holds itself."),
        ("a: &a {<<: *a}", "providers.yaml:1: the file cannot be used: an anchor holds itself."),
        ("[" * 100_000, "providers.yaml:1: the file cannot be used: it is nested too deeply."),
        ("providers: " + "{a: " * 60, "providers.yaml:1: the file cannot be used: it is nested too deeply."),
    ],
    ids=["bomb", "merge bomb", "holds itself", "merges itself", "deep lists", "deep mappings"],
)
def test_a_file_that_unfolds_to_too_much_is_refused(tmp_path, text, message):
    registry = providers_of(text, tmp_path)

    assert messages(registry) == [message]


def test_dates_stay_the_text_that_they_are(tmp_path):
    text = "providers: [{name: a, api_base: https://a.example, api_version: 2024-10-21, params: {since: 2026-01-31}}]"

    provider = providers_of(text, tmp_path)["a"]

    assert provider.api_version == "2024-10-21"
    assert provider.additional_params == {"since": "2026-01-31"}


@pytest.mark.parametrize("value", ["!!int many", "!!timestamp never", "0x" + "f" * 4000, "'soon'"])
def test_a_value_that_fits_no_type_is_a_mistake_of_its_entry_alone(tmp_path, value):
    text = f"""\
providers:
  - {{name: a, api_base: https://a.example, timeout: {value}}}
  - {{name: b, api_base: https://b.example}}
"""

    registry = providers_of(text, tmp_path)

    assert messages(registry) == ["providers.yaml:2: provider `a`: `timeout` should be a number."]
    assert list(registry) == ["b"]
