"""Whatever is in the files, they load, and whatever is wrong is said in words."""

import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from tests.registry.files import bots_of
from utils.registry import BotConfig, BotConfigRegistry, ProviderConfig, ProviderRegistry
from utils.registry.provider_config import ModelConfig, Price

KEYS = sorted({*ProviderConfig.model_fields, *BotConfig.model_fields, *ModelConfig.model_fields, *Price.model_fields})
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.dates(),
    st.binary(max_size=8),
    st.sampled_from(
        ["openai", "bare", "${HOME}", "${NOWHERE:-x}", "https://a.example/v1", "sk-abcdef0123456789", "/a"]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner),
    max_leaves=6,
)
ENTRIES = st.dictionaries(st.sampled_from([*KEYS, "params"]) | st.text(max_size=8), VALUES, max_size=8)
FILES = st.dictionaries(st.sampled_from(["providers", "bots", "bot"]), st.lists(ENTRIES | VALUES, max_size=3) | VALUES)
YAMLISH = st.text(alphabet="abn:- \n\t[]{}&*!|>'\"%@`#?,<=0x.$~é", max_size=60)


def assert_loads(text: str | bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
        providers = ProviderRegistry.load(path, {"HOME": "/root"})
        bots = BotConfigRegistry.load(path, {"HOME": "/root"}, providers)
    for problem in (*providers.problems, *bots.problems):
        assert problem.message.strip()
        assert problem.file == "any.yaml"
        assert problem.line >= 0
        str(problem).encode()


@given(st.binary(max_size=80))
def test_any_bytes_load(content: bytes):
    assert_loads(content)


@given(YAMLISH)
@example("a: !!float x")
@example("a: !!bool x")
@example("a: !!binary é")
@example("a: !!null x")
@example("- !!omap [a]")
@example("a: 1:99:99")
@example("a: 2020-99-99")
@example("a: {<<: [{<<: 3}]}")
@example("? !!set {a}\n: b")
@example('"\\ud800": a')
def test_any_text_that_looks_like_yaml_loads(text: str):
    assert_loads(text)
    assert_loads(f"providers:\n- name: a\n  {text}")


@given(FILES)
def test_any_structure_loads(tree: dict[str, Any]):
    assert_loads(yaml.safe_dump(tree, allow_unicode=True))


@given(entry=ENTRIES)
def test_an_entry_never_takes_its_neighbour_down(entry: dict[str, Any]):
    tree = {"bots": [{"bot_name": "Neighbour", "provider": "openai"}, entry]}

    with tempfile.TemporaryDirectory() as folder:
        registry = bots_of(yaml.safe_dump(tree), Path(folder))

    assert "Neighbour" in registry
