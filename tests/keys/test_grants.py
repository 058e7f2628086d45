"""Who may use which provider: the rules, and bots that try to get around them."""

import sys
import textwrap
from collections.abc import Callable
from typing import Any, cast

import pytest

from utils.bot_factory import BotFactory
from utils.errors import KeyMissing, NotGranted
from utils.keys import Caller, Grants, get_api_key_secure
from utils.settings import Settings

PROVIDERS = """
providers:
- {name: open, kind: demo, models: [demo], api_key_env: OPEN_API_KEY}
- {name: closed, kind: demo, models: [demo], api_key_env: CLOSED_API_KEY, allow: [Banker, bots_of_test.vault]}
- {name: nobodys, kind: demo, models: [demo], allow: []}
"""


@pytest.fixture
def keys(places, monkeypatch):
    for name in ("OPEN_API_KEY", "CLOSED_API_KEY"):
        monkeypatch.setenv(name, f"canary-{name}")


@pytest.fixture
def made(tmp_path, keys, monkeypatch):
    """Makes a factory of these bots: entries of bots.yaml, and modules with bots in Python."""

    def make(bots="bots: []", **modules):
        (tmp_path / "providers.yaml").write_text(PROVIDERS)
        (tmp_path / "bots.yaml").write_text(bots)
        (package := tmp_path / "bots_of_test").mkdir()
        (package / "__init__.py").touch()
        for name, text in modules.items():
            (package / f"{name}.py").write_text(textwrap.dedent(text))
        monkeypatch.syspath_prepend(tmp_path)
        settings = Settings(provider_config=tmp_path / "providers.yaml", bot_config=tmp_path / "bots.yaml")
        factory = BotFactory.from_files(settings)
        factory.add_configured_bots()
        factory.add_code_bots("bots_of_test")
        return factory

    yield make
    for name in [name for name in sys.modules if name.startswith("bots_of_test")]:
        del sys.modules[name]


def bot(factory, name):
    return next(mounted.bot for mounted in factory.mounted if mounted.name == name)


def granted(factory, name):
    return list(bot(factory, name).providers.registry)


CALLERS = {
    "entry": Caller("Poet", ("bots.poet.Poet", "bots.poet"), frozenset({"unset", "other"})),
    "code": Caller("Poet", ("bots.poet.Poet", "bots.poet")),
}


@pytest.mark.parametrize(
    ("allow", "by_entry", "in_python"),
    [
        (None, True, True),
        ((), False, False),
        (("Other",), False, False),
        (("poet",), False, False),
        (("Poet",), True, True),
        (("bots.poet.Poet",), True, True),
        (("bots.poet",), True, True),
        (("bots",), False, False),
    ],
)
def test_allow_names_bots_classes_and_modules(allow, by_entry, in_python):
    grants = Grants({"unset": allow})

    assert grants.may_use(CALLERS["entry"], "unset") is by_entry
    assert grants.may_use(CALLERS["code"], "unset") is in_python


def test_an_entry_that_does_not_name_a_provider_is_not_granted_it_unless_allow_names_the_bot():
    grants = Grants({"unnamed": None, "named": ["Poet"], "unset": None})

    assert grants.granted(CALLERS["entry"]) == {"named", "unset"}
    assert grants.why_not(CALLERS["entry"], "unnamed") == "may not use provider `unnamed`: its entry does not name it."
    assert grants.why_not(CALLERS["entry"], "unset") is None


def test_a_provider_that_is_not_there_is_granted_to_nobody():
    assert not Grants({}).may_use(CALLERS["code"], "closed")


BANKER = "bots:\n- bot_name: Banker\n  provider: closed\n"


def test_a_bot_of_yaml_has_the_providers_of_its_entry(made):
    factory = made(f"{BANKER}  fallbacks: [open]\n")

    assert factory.problems == []
    assert granted(factory, "Banker") == ["open", "closed"]


def test_and_of_its_models_control(made):
    factory = made("bots:\n- bot_name: Banker\n  provider: closed\n  models: ['open:demo']\n  controls: [model]\n")

    assert factory.problems == []
    assert granted(factory, "Banker") == ["open", "closed"]


@pytest.mark.parametrize(
    ("lines", "line", "provider", "names"),
    [
        ("  provider: closed", 3, "closed", "`Banker`, `bots_of_test.vault`"),
        ("  provider: open\n  fallbacks:\n  - closed", 5, "closed", "`Banker`, `bots_of_test.vault`"),
        ("  targets:\n  - open\n  - closed", 5, "closed", "`Banker`, `bots_of_test.vault`"),
        ("  provider: open\n  context_fallback: 'nobodys:demo'", 4, "nobodys", "nobody"),
        ("  provider: open\n  controls: [model]\n  models: ['nobodys:demo']", 5, "nobodys", "nobody"),
    ],
)
def test_a_bot_that_allow_leaves_out_is_a_finding_with_its_line_and_is_not_served(made, lines, line, provider, names):
    factory = made(f"bots:\n- bot_name: Thief\n{lines}\n- {{bot_name: Other, provider: open}}\n")

    (problem,) = factory.problems
    assert (problem.line, problem.severity) == (line, "error")
    assert problem.message == f"bot `Thief`: may not use provider `{provider}`: its `allow` names only {names}."
    assert [mounted.name for mounted in factory.mounted] == ["Other"]


PLAIN = """
    import fastapi_poe as fp
    from utils.poe import BaseBot

    class {name}(BaseBot):
        bot_name = "{name}"

        async def get_response(self, request):
            yield fp.PartialResponse(text="hello")
"""


def test_a_bot_in_python_has_what_is_open_to_all_and_what_allow_grants_it(made):
    factory = made(thief=PLAIN.format(name="Thief"), vault=PLAIN.format(name="Guard"), b=PLAIN.format(name="Banker"))

    assert granted(factory, "Thief") == ["open"]
    assert granted(factory, "Guard") == ["open", "closed"]
    assert granted(factory, "Banker") == ["open", "closed"]
    assert bot(factory, "Thief").providers.ready() == ["open"]


def test_a_granted_provider_answers_and_gives_its_key(made):
    factory = made(b=PLAIN.format(name="Banker"))
    banker = bot(factory, "Banker")

    assert banker.providers.plain.get("closed") is factory.pool.get("closed")
    assert get_api_key_secure(banker, "closed") == "canary-CLOSED_API_KEY"


def renamed(thief: Any) -> Any:
    thief.bot_name = "Banker"
    return thief


ATTEMPTS: dict[str, Callable[[Any, Any], object]] = {
    "asks for it": lambda thief, factory: thief.providers.get("closed"),
    "asks the house": lambda thief, factory: thief.house.providers.get("closed"),
    "asks whether it is ready": lambda thief, factory: thief.providers.why_not_ready("closed"),
    "asks for its key": lambda thief, factory: thief.providers.key_of("closed"),
    "asks for its key by the front door": lambda thief, factory: get_api_key_secure(thief, "closed"),
    "says another's name": lambda thief, factory: get_api_key_secure(cast(Any, "Banker"), "closed"),
    "is nobody": lambda thief, factory: get_api_key_secure(cast(Any, object()), "closed"),
    "asks for one that is not there": lambda thief, factory: thief.providers.get("nowhere"),
    "renames itself": lambda thief, factory: renamed(thief).providers.get("closed"),
    "takes a way": lambda thief, factory: thief.house.routes.for_bot(factory.configs["Rich"]),
    "asks the pool of the ways": lambda thief, factory: thief.house.routes.pool.get("closed"),
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_bot_that_tries_does_not_get_what_was_not_granted(made, attempt):
    factory = made(BANKER + "- {bot_name: Rich, provider: open}\n", thief=PLAIN.format(name="Thief"))
    factory.configs._bots["Rich"] = factory.configs["Banker"]
    thief = bot(factory, "Thief")

    with pytest.raises((NotGranted, KeyError)) as caught:
        ATTEMPTS[attempt](thief, factory)

    assert "canary" not in str(caught.value)


def test_what_was_not_granted_does_not_stand_in_the_registry(made):
    thief = bot(made(thief=PLAIN.format(name="Thief")), "Thief")

    for registry in (thief.providers.registry, thief.house.providers.registry):
        assert "closed" not in registry
        assert "closed" not in registry.names_in_file
        with pytest.raises(KeyError):
            registry["closed"]
    assert "closed" not in repr(thief.providers)


def test_the_refusal_says_who_and_what_to_do(made):
    thief = bot(made(thief=PLAIN.format(name="Thief")), "Thief")

    with pytest.raises(NotGranted) as caught:
        thief.providers.get("closed")

    said = "bot `Thief` may not use provider `closed`: its `allow` names only `Banker`, `bots_of_test.vault`."
    assert str(caught.value) == said


def test_a_key_that_was_granted_and_is_not_set_is_missing(made, monkeypatch):
    factory = made(b=PLAIN.format(name="Banker"))
    monkeypatch.delenv("CLOSED_API_KEY")

    with pytest.raises(KeyMissing, match="CLOSED_API_KEY is not set"):
        get_api_key_secure(bot(factory, "Banker"), "closed")


async def test_closing_what_was_granted_closes_nobody_elses_connections(made):
    factory = made(thief=PLAIN.format(name="Thief"))
    provider = factory.pool.get("open")

    await bot(factory, "Thief").providers.aclose()

    assert factory.pool.get("open") is provider
