"""Packages that bring kinds of providers."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.apps import app_of
from utils.bot_factory import BotFactory
from utils.errors import ProviderFailure
from utils.providers import InstalledKinds, ProviderPool
from utils.providers.kinds import KINDS
from utils.registry import ProviderConfig, ProviderRegistry
from utils.settings import Settings

from .asking import answer
from .installed import Install, installing

ECHO = """
    from utils.chat import Delta

    class Echo:
        def __init__(self, config, parts):
            self.config = config

        async def stream(self, request):
            yield Delta(text=request.messages[-1].text, finish_reason="stop")
"""
NO_BOTS = "bots: []"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    with installing(tmp_path / "site") as installed:
        yield installed


def entry_of(kind: str, **fields: object) -> ProviderConfig:
    return ProviderConfig.model_validate({"name": "mine", "kind": kind, "models": ["m"], **fields})


def factory_of(folder: Path, providers: str) -> BotFactory:
    (folder / "providers.yaml").write_text(providers, encoding="utf-8")
    (folder / "bots.yaml").write_text(NO_BOTS, encoding="utf-8")
    return BotFactory.from_files(Settings(provider_config=folder / "providers.yaml", bot_config=folder / "bots.yaml"))


@pytest.mark.parametrize("value", ["{module}:Echo", "{module}:KIND"])
async def test_a_kind_of_another_package_answers(install, value):
    install(f"{ECHO}\n    from utils.providers import Kind\n    KIND = Kind(Echo)\n", echo=value)

    pool = ProviderPool(ProviderRegistry([entry_of("echo")]), kinds=InstalledKinds())

    assert (pool.serves("echo"), pool.why_not_ready("mine")) == (True, None)
    assert await answer(pool.get("mine"), "Hi") == "Hi"


def test_nothing_is_looked_for_while_every_kind_is_built_in(install, monkeypatch, tmp_path):
    install(ECHO, echo="{module}:Echo")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **group: pytest.fail("looked for plugins"))

    factory = factory_of(tmp_path, "providers: [{name: demo, kind: demo, models: [demo]}]")

    assert factory.problems == []


def test_only_the_plugin_of_a_kind_that_is_used_is_imported(install, tmp_path):
    module = install("raise RuntimeError('imported')", echo="{module}:Echo")
    other = install(ECHO, package="other", used="{module}:Echo")

    factory = factory_of(tmp_path, "providers: [{name: mine, kind: used, models: [m]}]")

    assert (factory.problems, factory.pool.ready()) == ([], ["mine"])
    assert module not in sys.modules
    assert other in sys.modules


@pytest.mark.parametrize(
    ("code", "value", "sentence"),
    [
        ("raise RuntimeError('no luck')", "{module}:Echo", "cannot be imported: RuntimeError: no luck."),
        ("raise SystemExit('bye')", "{module}:Echo", "cannot be imported: SystemExit: bye."),
        ("x = 1", "{module}:Echo", "cannot be imported: AttributeError: module '{module}' has no attribute 'Echo'."),
        ("x = 1", "{module}:x", "is neither a `Kind` nor a function that makes a provider."),
        ("", "nowhere_at_all:x", "cannot be imported: ModuleNotFoundError: No module named 'nowhere_at_all'."),
    ],
)
async def test_a_plugin_that_cannot_be_used_is_a_finding_and_no_crash(install, tmp_path, code, value, sentence):
    module = install(code, echo=value)
    text = "providers:\n  - {name: demo, kind: demo, models: [demo]}\n  - name: mine\n    kind: echo\n    models: [m]\n"

    factory = factory_of(tmp_path, text)

    said = f"its plugin `{value.format(module=module)}` {sentence.format(module=module)}"
    assert [str(problem) for problem in factory.problems] == [f"providers.yaml:3: provider `mine`: {said}"]
    assert factory.pool.why_not_ready("mine") == said
    assert factory.pool.ready() == ["demo"]
    with pytest.raises(ProviderFailure):
        await answer(factory.pool.get("mine"))


def test_a_wrong_setting_is_a_finding_with_its_line(tmp_path):
    text = "providers:\n- name: mine\n  kind: replicate\n  models: [a/b]\n  settings:\n    templat: llama3\n"

    factory = factory_of(tmp_path, text)

    said = "its setting `templat` is not known; Replicate has `template`, `pictures`, `input`, `stream`."
    assert [str(problem) for problem in factory.problems] == [f"providers.yaml:5: provider `mine`: {said}"]
    assert factory.pool.why_not_ready("mine") == said


@pytest.mark.parametrize("kind", ["openai", "demo", "replicate"])
def test_a_built_in_kind_cannot_be_taken(install, tmp_path, kind):
    install(f"{ECHO}\n    Other = Echo", **{kind: "{module}:Other", "echo": "{module}:Echo"})

    factory = factory_of(tmp_path, "providers: [{name: mine, kind: echo, models: [m]}]")

    assert factory.pool.kinds[kind] is KINDS[kind]
    assert [(str(problem), problem.severity) for problem in factory.problems] == [
        (f"the package `acme` brings `{kind}`, a kind that is built in; it keeps the built-in one.", "warning")
    ]


def test_of_two_packages_with_the_same_kind_one_is_used_and_both_are_named(install, tmp_path):
    install(ECHO, echo="{module}:Echo")
    install(ECHO, package="other", echo="{module}:Echo")

    factory = factory_of(tmp_path, "providers: [{name: mine, kind: echo, models: [m]}]")

    (problem,) = factory.problems
    assert "`acme`" in str(problem)
    assert "`other`" in str(problem)
    assert factory.pool.ready() == ["mine"]


async def test_a_plugin_that_fails_later_touches_no_other_provider(install):
    code = """
        from utils.providers import Kind

        def make(config, parts):
            raise KeyError("region")

        def fails(config):
            raise ValueError("oh no")

        ASKED = Kind(make, why_not_ready=fails)
    """
    install(code, made="{module}:make", asked="{module}:ASKED")
    entries = [entry_of("made"), entry_of("asked", name="asked"), entry_of("demo", name="demo")]
    pool = ProviderPool(ProviderRegistry(entries), kinds=InstalledKinds())
    for name in pool.registry:
        pool.get(name)

    pool.warm_up()

    assert pool.ready() == ["mine", "demo"]
    assert "fails: ValueError" in (pool.why_not_ready("asked") or "")
    assert await answer(pool.get("demo"), "/wait 0 /echo Hi") == "Hi"
    with pytest.raises(ProviderFailure, match="cannot make it: KeyError"):
        await answer(pool.get("mine"))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("return None", "a NoneType has no `stream`"),
        ("return object()", "a object has no `stream`"),
        ("raise SystemExit(1)", "cannot make it: SystemExit"),
    ],
)
async def test_a_plugin_that_makes_no_provider_is_a_failure_of_that_provider(install, body, sentence):
    install(f"""
        def make(config, parts):
            {body}
    """, made="{module}:make")  # fmt: skip
    pool = ProviderPool(ProviderRegistry([entry_of("made")]), kinds=InstalledKinds())

    with pytest.raises(ProviderFailure, match=sentence):
        await answer(pool.get("mine"))


async def test_a_plugin_gets_its_own_keys_and_no_other(install, monkeypatch):
    code = """
        from utils.chat import Delta

        class Tell:
            def __init__(self, config, parts):
                self.parts = parts

            async def stream(self, request):
                async def ask(key):
                    return key.secret
                yield Delta(text=await self.parts.keys.first_accepted(ask), finish_reason="stop")
    """
    install(code, tell="{module}:Tell")
    monkeypatch.setenv("MINE_API_KEY", "my-own-key")
    monkeypatch.setenv("OTHER_API_KEY", "the-key-of-another")
    pool = ProviderPool(ProviderRegistry([entry_of("tell", api_key_env="MINE_API_KEY")]), kinds=InstalledKinds())

    assert await answer(pool.get("mine")) == "my-own-key"


def test_a_kind_that_nobody_brings_is_a_finding_that_names_those_there_are(install, tmp_path):
    install(ECHO, echo="{module}:Echo")

    factory = factory_of(tmp_path, "providers: [{name: mine, kind: ecko, models: [m]}]")

    (problem,) = factory.problems
    assert str(problem).endswith("'demo' or 'echo'. Did you mean `echo`?")


async def test_an_app_without_plugins_is_made_as_ever(tmp_path):
    app = app_of(tmp_path, "bots: [{bot_name: Poet, provider: demo}]")

    assert app.state.overview().has_errors is False
