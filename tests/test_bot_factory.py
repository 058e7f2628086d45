"""Two files and a folder of Python become one app; what cannot be served is told, and the rest is."""

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fastapi_poe as fp
import httpx
import pytest
import structlog
from fastapi import FastAPI

from tests.apps import DEMO_PROVIDER, app_of
from utils import bot_factory
from utils.bot_factory import BotFactory, create_app
from utils.ledger.budgets import Budgeted
from utils.poe import MultiProviderBot
from utils.registry import BotConfigRegistry, ProviderRegistry
from utils.routing import Chain
from utils.settings import Settings

POET_ENTRY = "{bot_name: Poet, provider: demo}"
POET = f"bots: [{POET_ENTRY}]"
NO_BOTS = "bots: []"
CONTROLS = "parameter_controls:\n        sections:\n        - controls:\n          - "
SECRET = "canary-0123456789"

Package = Callable[..., str]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Package]:
    """A package of bots with these modules; its name is one that no other test has."""
    name = f"bots_of_{abs(hash(request.node.nodeid))}"

    def made(**modules: str) -> str:
        folder = tmp_path / "python" / name
        folder.mkdir(parents=True)
        for module, code in {"__init__": "", **modules}.items():
            (folder / f"{module}.py").write_text(textwrap.dedent(code), encoding="utf-8")
        monkeypatch.syspath_prepend(str(folder.parent))
        return name

    before = set(sys.modules)
    yield made
    for module in set(sys.modules) - before:
        if module.split(".")[0] == name:
            del sys.modules[module]


ECHO = """
    import fastapi_poe as fp
    from utils.poe import BaseBot

    class Echo(BaseBot):
        bot_name = "Echo"
        bot_description = "Says it again"

        async def get_response(self, request):
            yield fp.PartialResponse(text=request.query[-1].content)
"""


def factory_of(folder: Path, bots: str, providers: str = DEMO_PROVIDER) -> BotFactory:
    (folder / "providers.yaml").write_text(providers, encoding="utf-8")
    (folder / "bots.yaml").write_text(bots, encoding="utf-8")
    settings = Settings(provider_config=folder / "providers.yaml", bot_config=folder / "bots.yaml")
    factory = BotFactory.from_files(settings)
    factory.add_configured_bots()
    return factory


def code_bots_of(package: str, folder: Path, bots: str = NO_BOTS) -> BotFactory:
    factory = factory_of(folder, bots)
    factory.add_code_bots(package)
    return factory


def names(factory: BotFactory) -> list[str]:
    return [mounted.name for mounted in factory.mounted]


def told(factory: BotFactory) -> list[str]:
    return [str(problem) for problem in factory.problems]


async def get(app: FastAPI, path: str) -> Any:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://bots.example") as client:
        response = await client.get(path)
    return response.raise_for_status().json()


def test_every_entry_becomes_a_bot_of_a_class_of_its_own(tmp_path):
    factory = factory_of(tmp_path, "bots: [{bot_name: Poet, provider: demo}, {bot_name: My Singer, provider: demo}]")

    poet, singer = (mounted.bot for mounted in factory.mounted)
    assert [type(poet).__name__, type(singer).__name__] == ["Poet", "My Singer"]
    assert type(poet) is not type(singer)
    assert isinstance(poet, MultiProviderBot)
    assert (poet.bot_name, poet.path) == ("Poet", "/Poet")
    assert (singer.bot_name, singer.path) == ("My Singer", "/My Singer")


def test_what_the_entry_says_the_class_says(tmp_path):
    text = "{bot_name: Poet, provider: demo, bot_description: Rhymes, version: 2.1, poe: {allow_attachments: true}}"

    (mounted,) = factory_of(tmp_path, f"bots: [{text}]").mounted

    made = type(mounted.bot)
    assert issubclass(made, MultiProviderBot)
    assert (made.bot_description, made.version, made.poe_settings) == ("Rhymes", "2.1", {"allow_attachments": True})
    assert (MultiProviderBot.bot_description, MultiProviderBot.version) == ("", "1.0.0")


def test_one_provider_is_a_chain_of_one(tmp_path):
    factory = factory_of(tmp_path, POET)

    (target,) = factory.mounted[0].bot.chat.targets
    assert isinstance(target.provider, Budgeted)
    assert target.provider.provider is factory.pool.get("demo")


def test_fallbacks_make_a_chain_in_their_order(tmp_path):
    providers = "providers: [{name: demo, kind: demo, models: [tiny]}, {name: other, kind: demo, models: [small]}]"
    text = "bots: [{bot_name: Poet, provider: demo, fallbacks: [other, 'demo:large']}]"

    (mounted,) = factory_of(tmp_path, text, providers).mounted

    chain = mounted.bot.chat
    assert isinstance(chain, Chain)
    assert [(target.name, target.model) for target in chain.targets] == [
        ("demo", "tiny"),
        ("other", "small"),
        ("demo", "large"),
    ]


@pytest.mark.parametrize(
    ("bot_class", "message"),
    [
        ("Poet", "`Poet` is no dotted name such as bots.llm_chat_bot.LLMChatBot."),
        (
            "bots.nowhere.Poet",
            "`bots.nowhere` cannot be imported: ModuleNotFoundError: No module named 'bots.nowhere'.",
        ),
        (
            "bots.llm_chat_bot.LLMChatBott",
            "`bots.llm_chat_bot` has no class `LLMChatBott`. Did you mean `LLMChatBot`?",
        ),
        (
            "utils.settings.Settings",
            "`utils.settings.Settings` is no bot: it should be a subclass of LLMChatBot, BaseBot or PoeBot.",
        ),
        (
            "utils.settings.ROOT",
            "`utils.settings.ROOT` is no bot: it should be a subclass of LLMChatBot, BaseBot or PoeBot.",
        ),
    ],
)
def test_a_bot_class_that_is_none_leaves_its_bot_out(tmp_path, bot_class, message):
    text = f"""\
bots:
  - bot_name: Broken
    provider: demo
    bot_class: {bot_class}
  - {{bot_name: Poet, provider: demo}}
"""

    factory = factory_of(tmp_path, text)

    assert told(factory) == [f"bots.yaml:4: bot `Broken`: {message}"]
    assert names(factory) == ["Poet"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("def broken(", "SyntaxError: '(' was never closed ("),
        ("raise RuntimeError('no luck.')", "RuntimeError: no luck."),
        ("raise ValueError", "ValueError."),
        ("raise SystemExit('bye')", "SystemExit: bye."),
        ("import a_library_that_is_not_there", "ModuleNotFoundError: No module named 'a_library_that_is_not_there'."),
    ],
)
def test_a_module_that_fails_when_imported_leaves_only_its_bots_out(tmp_path, package, code, reason):
    name = package(broken=code, echo=ECHO)
    text = f"bots:\n  - bot_name: Broken\n    provider: demo\n    bot_class: {name}.broken.Bot\n"

    factory = code_bots_of(name, tmp_path, text)

    configured, found = told(factory)
    assert configured.startswith(f"bots.yaml:4: bot `Broken`: `{name}.broken` cannot be imported: {reason}")
    assert found.startswith(f"{name}/broken.py: its bots cannot be served: {reason}")
    assert names(factory) == ["Echo"]


def test_settings_go_to_the_class_that_knows_them(tmp_path, package):
    name = package(
        moody="""
            from pydantic import BaseModel
            from utils.poe import MultiProviderBot

            class MoodSettings(BaseModel, extra="forbid"):
                mood: str = "calm"
                strength: int = 1

            class Moody(MultiProviderBot):
                settings_model = MoodSettings
        """
    )
    text = f"""\
bots:
  - bot_name: Good
    provider: demo
    bot_class: {name}.moody.Moody
    settings: {{mood: sunny}}
  - bot_name: Bad
    provider: demo
    bot_class: {name}.moody.Moody
    settings:
      mood: sunny
      strength: {SECRET}
"""

    factory = factory_of(tmp_path, text)

    assert told(factory) == [
        "bots.yaml:11: bot `Bad`: its setting `strength`: input should be a valid integer, unable to parse string as an"
        " integer."
    ]
    (good,) = factory.mounted
    assert good.bot.settings.mood == "sunny"


def test_a_class_that_asks_for_no_settings_gets_them_as_they_are(tmp_path):
    (mounted,) = factory_of(tmp_path, "bots: [{bot_name: Poet, provider: demo, settings: {a: 1}}]").mounted

    assert mounted.bot.settings == {"a": 1}


@pytest.mark.parametrize(
    ("setting", "line", "named"),
    [
        ("introduction_mesage: Hi", 5, "Did you mean `introduction_message`?"),
        ("allow_attachments: maybe", 5, "allow_attachments"),
        (
            CONTROLS + "control: text_field\n            label: a",
            8,
            "`parameter_controls.sections.0.controls.0.parameter_name`",
        ),
        (CONTROLS + "label: a\n            control: textfield", 9, "text_field"),
        ("parameter_controls:\n        sections:\n        - contrls: []", 7, "`parameter_controls.sections.0.contrls`"),
    ],
)
def test_a_mistake_in_poes_settings_is_told_once_with_its_line(tmp_path, setting, line, named):
    text = f"bots:\n  - bot_name: Poet\n    provider: demo\n    poe:\n      {setting}\n"

    factory = factory_of(tmp_path, text)

    (message,) = told(factory)
    assert message.startswith(f"bots.yaml:{line}: bot `Poet`: ")
    assert named in message
    assert names(factory) == []


def test_a_provider_of_a_kind_that_is_not_served_leaves_its_bots_out(tmp_path):
    providers = "providers: [{name: demo, kind: demo, models: [m]}, {name: cloud, kind: telepathy, models: [m]}]"
    text = "bots:\n  - bot_name: Poet\n    provider: cloud\n  - {bot_name: Singer, provider: demo}\n"

    factory = factory_of(tmp_path, text, providers)

    of_provider, of_bot = told(factory)
    assert of_provider.startswith("providers.yaml:1: provider `cloud`: `kind` should be ")
    assert of_bot == "bots.yaml:3: bot `Poet` asks for provider `cloud`, which is not used: its `kind` is not known."
    assert names(factory) == ["Singer"]


def test_a_bot_in_the_package_is_found_and_knows_the_providers(tmp_path, package):
    factory = code_bots_of(package(echo=ECHO), tmp_path)

    (mounted,) = factory.mounted
    assert (mounted.name, mounted.path, mounted.key_names) == (
        "Echo",
        "/Echo",
        ("POE_ACCESS_KEY_ECHO", "POE_ACCESS_KEY"),
    )
    assert list(mounted.bot.providers.registry) == list(factory.pool.registry)
    assert told(factory) == []


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("", "/Plain"),
        ('path = "/elsewhere"', "/elsewhere"),
        ('path: str = "/elsewhere"', "/elsewhere"),
        ('path = "/trailing/"', "/trailing"),
    ],
)
def test_any_bot_of_fastapi_poe_can_be_mounted(tmp_path, package, body, path):
    name = package(
        plain=f"""
            import fastapi_poe as fp

            class Plain(fp.PoeBot):
                bot_name = "Plain"
                {body}
        """
    )

    factory = code_bots_of(name, tmp_path)

    assert told(factory) == []
    (mounted,) = factory.mounted
    assert type(mounted.bot).__mro__[1] is fp.PoeBot
    assert (mounted.name, mounted.bot.bot_name, mounted.path) == ("Plain", "Plain", path)


def test_a_bot_without_a_name_is_no_bot_to_serve(tmp_path, package):
    name = package(
        base="""
            from utils.poe import BaseBot

            class Base(BaseBot):
                pass
        """
    )

    assert names(code_bots_of(name, tmp_path)) == []


def test_a_class_that_is_imported_or_has_a_second_name_is_mounted_once(tmp_path, package):
    name = package(
        echo=ECHO,
        other="from .echo import Echo\nAgain = Echo\n",
        twice=ECHO.replace("Echo", "Twice") + "\n    Also = Twice\n",
    )

    factory = code_bots_of(name, tmp_path)

    assert names(factory) == ["Echo", "Twice"]
    assert told(factory) == []


def test_a_subclass_without_a_name_of_its_own_is_not_mounted_under_its_parents(tmp_path, package):
    name = package(echo=ECHO, louder="from .echo import Echo\nclass Louder(Echo):\n    pass\n")

    assert names(code_bots_of(name, tmp_path)) == ["Echo"]


def test_modules_with_an_underscore_are_left_alone(tmp_path, package):
    name = package(_draft="raise RuntimeError('not ready')", echo=ECHO)

    factory = code_bots_of(name, tmp_path)

    assert (names(factory), told(factory)) == (["Echo"], [])


def test_a_package_that_is_not_there_has_no_bots(tmp_path):
    factory = code_bots_of("a_package_that_is_not_there", tmp_path)

    assert (names(factory), told(factory)) == ([], [])


@pytest.mark.parametrize("code", ["def broken(", "import a_library_that_is_not_there", "raise SystemExit(3)"])
def test_a_package_that_fails_when_imported_is_told(tmp_path, package, code):
    name = package(__init__=code, echo=ECHO)

    factory = code_bots_of(name, tmp_path, POET)

    (message,) = told(factory)
    assert message.startswith(f"{name}.py: its bots cannot be served: ")
    assert names(factory) == ["Poet"]


def test_a_bot_that_fails_when_made_leaves_the_others_of_its_module_alone(tmp_path, package):
    failing = """
    class Failing(BaseBot):
        bot_name = "Failing"

        def __init__(self):
            raise RuntimeError("no luck")
"""
    name = package(echo=ECHO + failing)

    factory = code_bots_of(name, tmp_path)

    assert told(factory) == [f"{name}/echo.py: its bots cannot be served: RuntimeError: no luck."]
    assert names(factory) == ["Echo"]


def test_a_bot_that_needs_a_provider_is_pointed_to_the_yaml(tmp_path, package):
    name = package(
        pirate="""
            from bots.llm_chat_bot import LLMChatBot

            class Pirate(LLMChatBot):
                bot_name = "Pirate"
        """
    )

    assert told(code_bots_of(name, tmp_path)) == [
        f"{name}/pirate.py: its bots cannot be served: `Pirate` needs a provider: give it an entry in bots.yaml with"
        f" `bot_class: {name}.pirate.Pirate`."
    ]


@pytest.mark.parametrize(
    ("yaml", "path", "clash"),
    [
        ("bots: [{bot_name: Echo, provider: demo, path: /else}]", "/Echo", "there is another bot of that name"),
        ("bots: [{bot_name: Poet, provider: demo, path: /Echo}]", "/Echo", "the path /Echo is that of bot `Poet`"),
        (NO_BOTS, "/health", "the path /health belongs to the server itself"),
        (NO_BOTS, "/v1/echo", "the path /v1/echo belongs to the server itself"),
    ],
)
def test_a_name_or_a_path_that_is_taken_stays_as_it_is(tmp_path, package, yaml, path, clash):
    name = package(echo=ECHO.replace('bot_name = "Echo"', f'bot_name = "Echo"\n        path = "{path}"'))

    factory = code_bots_of(name, tmp_path, yaml)

    assert told(factory) == [f"{name}/echo.py: bot `Echo` is not served: {clash}."]
    assert not any(mounted.bot.__class__.__module__.startswith(name) for mounted in factory.mounted)


def test_a_path_without_its_slash_is_told(tmp_path, package):
    name = package(echo=ECHO.replace('bot_name = "Echo"', 'bot_name = "Echo"\n        path = "echo"'))

    assert told(code_bots_of(name, tmp_path)) == [
        f"{name}/echo.py: its bots cannot be served: the path of `Echo` should begin with a slash."
    ]


@pytest.mark.parametrize(
    ("code", "config", "enabled", "served"),
    [
        (True, True, True, ["Poet", "Echo"]),
        (False, True, True, ["Poet"]),
        (True, False, True, ["Echo"]),
        (False, False, True, []),
        (True, True, False, ["Echo"]),
    ],
)
async def test_the_app_has_the_bots_that_were_asked_for(tmp_path, package, monkeypatch, code, config, enabled, served):
    monkeypatch.setattr(bot_factory, "CODE_BOTS", package(echo=ECHO))
    (tmp_path / "providers.yaml").write_text(DEMO_PROVIDER, encoding="utf-8")
    (tmp_path / "bots.yaml").write_text(POET, encoding="utf-8")
    monkeypatch.setenv("PROVIDER_CONFIG", str(tmp_path / "providers.yaml"))
    monkeypatch.setenv("BOT_CONFIG", str(tmp_path / "bots.yaml"))
    monkeypatch.setenv("MULTI_PROVIDER_ENABLED", str(enabled).lower())

    app = create_app(include_code_bots=code, include_config_bots=config)

    assert list(await get(app, "/bots")) == served


async def test_the_app_of_the_repository_serves_every_bot_and_has_nothing_to_complain_about():
    app = create_app(Settings())

    health = await get(app, "/health")
    assert (health["status"], health["problems"]) == ("ok", [])
    assert {"DemoBot", "ClaudeBot", "SecondOpinion"} <= set(health["bots"])


async def test_two_apps_in_one_process_do_not_see_each_other(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()

    one = app_of(tmp_path / "one", POET)
    two = app_of(
        tmp_path / "two",
        "bots: [{bot_name: Poet, provider: else, bot_description: Another}]",
        "providers: [{name: else, kind: demo, models: [m]}]",
    )

    assert [list(await get(app, "/providers")) for app in (one, two)] == [["demo"], ["else"]]
    assert [(await get(app, "/bots"))["Poet"]["description"] for app in (one, two)] == ["", "Another"]
    assert one.state.door is not two.state.door


@pytest.mark.parametrize(
    ("bots", "providers", "status", "problems"),
    [
        (POET, DEMO_PROVIDER, "ok", []),
        (
            "bots: [{bot_name: Poet, provider: demo, model: other}]",
            DEMO_PROVIDER,
            "ok",
            ["bots.yaml:1: bot `Poet`: provider `demo` does not list the model `other`; it is asked all the same."],
        ),
        (
            "bots:\n- {bot_name: Poet, provider: demo}\n- {bot_name: Bad}",
            DEMO_PROVIDER,
            "degraded",
            ["bots.yaml:3: bot `Bad`: `provider` is missing; or write `model: provider:model`."],
        ),
        (
            "",
            DEMO_PROVIDER,
            "error",
            ["bots.yaml: the file is empty. It should begin with `bots:` and a list below it."],
        ),
        (
            POET,
            "",
            "error",
            [
                "providers.yaml: the file is empty. It should begin with `providers:` and a list below it.",
                "bots.yaml:1: bot `Poet` asks for provider `demo`, but no provider could be read from providers.yaml.",
            ],
        ),
    ],
)
async def test_health_says_how_much_is_served_and_what_is_not(tmp_path, bots, providers, status, problems):
    app = app_of(tmp_path, bots, providers)

    health = await get(app, "/health")
    assert (health["status"], health["problems"]) == (status, problems)


async def test_a_bad_setting_of_the_environment_is_among_the_problems(tmp_path, monkeypatch):
    monkeypatch.setenv("LOG_LEVEL", "loud")
    settings = Settings.read().with_changes(provider_config=tmp_path / "p.yaml", bot_config=tmp_path / "b.yaml")

    health = await get(create_app(settings, include_code_bots=False), "/health")

    assert health["problems"][0].startswith("the environment variable LOG_LEVEL cannot be used: ")


@pytest.mark.parametrize(
    "address",
    [
        f"https://me:{SECRET}@api.example/v1",
        f"https://api.example/v1?key={SECRET}",
        f"https://api.example/v1#{SECRET}",
        f"${{ANY_API_KEY:-x}}{SECRET}",
        "https://api.example/${ANY_API_KEY}/v1",
    ],
)
@pytest.mark.parametrize("path", ["/health", "/bots", "/providers"])
async def test_no_secret_is_shown(tmp_path, monkeypatch, address, path):
    monkeypatch.setenv("ANY_API_KEY", SECRET)
    monkeypatch.setenv("POE_ACCESS_KEY", SECRET)
    provider = (
        f"{{name: a, api_base: '{address}', api_key_env: ANY_API_KEY, headers: {{X-Key: {SECRET}}}, models: [m]}}"
    )
    bots = f"bots: [{{bot_name: Poet, provider: a, system_message: {SECRET}, settings: {{token: {SECRET}}}}}]"

    app = app_of(tmp_path, bots, f"providers: [{provider}]")

    assert SECRET not in str(await get(app, path))


def test_registries_that_were_made_in_python_will_do(tmp_path):
    factory = BotFactory(Settings(), ProviderRegistry(), BotConfigRegistry())
    factory.add_configured_bots()

    assert factory.overview().status == "error"


@pytest.mark.parametrize(
    "trouble",
    [
        "def __init__(self, *given, **more): raise RuntimeError('no luck')",
        "def __init_subclass__(cls): raise TypeError('no luck')",
        "def configure(self, settings): raise ValueError('no luck')",
        "@classmethod\n    def check_settings(cls, settings): raise KeyError('no luck')",
    ],
)
def test_a_class_that_fails_when_its_bot_is_made_leaves_only_that_bot_out(tmp_path, package, trouble):
    name = package(broken=f"from bots.llm_chat_bot import LLMChatBot\nclass Bot(LLMChatBot):\n    {trouble}\n")
    text = f"bots:\n- bot_name: Broken\n  provider: demo\n  bot_class: {name}.broken.Bot\n- {POET_ENTRY}\n"

    factory = factory_of(tmp_path, text)

    (message,) = told(factory)
    assert message.startswith("bots.yaml:4: bot `Broken`: ")
    assert "no luck" in message
    assert names(factory) == ["Poet"]


def test_a_fallback_of_a_kind_that_is_not_served_leaves_its_bot_out(tmp_path):
    providers = "providers: [{name: demo, kind: demo, models: [m]}, {name: cloud, kind: telepathy, models: [m]}]"
    text = f"bots:\n- bot_name: Broken\n  provider: demo\n  fallbacks:\n  - demo\n  - cloud\n- {POET_ENTRY}\n"

    factory = factory_of(tmp_path, text, providers)

    told_of_the_bot = told(factory)[-1]
    assert told_of_the_bot == (
        "bots.yaml:6: bot `Broken` falls back to provider `cloud`, which is not used: its `kind` is not known."
    )
    assert names(factory) == ["Poet"]


def test_a_provider_may_be_called_like_a_field_of_the_log(tmp_path):
    provider = "{name: event, api_base: https://a.example, api_key_env: NO_KEY, models: [m]}"
    (tmp_path / "providers.yaml").write_text(f"providers: [{provider}]", encoding="utf-8")
    (tmp_path / "bots.yaml").write_text(NO_BOTS, encoding="utf-8")
    settings = Settings(provider_config=tmp_path / "providers.yaml", bot_config=tmp_path / "bots.yaml")

    with structlog.testing.capture_logs() as lines:
        create_app(settings, include_code_bots=False)

    assert "providers.not_ready" in [line["event"] for line in lines]


async def test_a_secret_in_the_words_of_a_failing_module_is_not_shown(tmp_path, package, monkeypatch):
    monkeypatch.setenv("ANY_API_KEY", SECRET)
    name = package(broken="import os\nraise RuntimeError('refused: ' + os.environ['ANY_API_KEY'])\n")

    health = await get(app_of(tmp_path, POET, code_bots=name), "/health")

    assert health["problems"] == [f"{name}/broken.py: its bots cannot be served: RuntimeError: refused: ***."]
