import pytest

from tests.apps import app_of
from tests.web.servers import api_of, bot, browser, provider, seen
from utils.web import create_api


async def listing(path, overview):
    async with browser(api_of(overview)) as client:
        response = await client.get(path)
    assert response.status_code == 200
    return response.json()


async def test_health_says_all_that_a_monitor_needs():
    overview = seen(bot("A"), bot("B", why_not_ready="no key"), problems=("bots.yaml:3: no.",), has_errors=True)

    health = await listing("/health", overview)

    assert health == {
        "status": "degraded",
        "version": "1.2.3",
        "providers": ["demo"],
        "bots": ["A", "B"],
        "bot_count": 2,
        "environment": {"debug": False, "log_level": "info", "allow_without_key": True},
        "problems": ["bots.yaml:3: no."],
        "targets": [],
    }


@pytest.mark.parametrize(
    ("overview", "status"),
    [
        (seen(bot()), "ok"),
        (seen(bot(why_not_ready="no key")), "ok"),
        (seen(bot(), problems=("only a warning",)), "ok"),
        (seen(bot(), problems=("left out",), has_errors=True), "degraded"),
        (seen(), "error"),
        (seen(problems=("left out",), has_errors=True), "error"),
    ],
)
async def test_health_tells_a_whole_server_from_a_damaged_and_an_empty_one(overview, status):
    health = await listing("/health", overview)

    assert health["status"] == status


async def test_bots_are_listed_by_name_and_say_why_they_are_not_ready():
    overview = seen(bot("A"), bot("B", path="/deep/B", provider=None, model=None, why_not_ready="no key"))

    bots = await listing("/bots", overview)

    nothing = {"temperature": False, "max_tokens": False, "reasoning_effort": [], "images": False, "system": False}
    offers = {"takes": nothing, "models": [], "targets": []}
    assert bots == {
        "A": {"description": "A demo", "provider": "demo", "model": "tiny", "path": "/A", "ready": True, **offers},
        "B": {
            "description": "A demo",
            "provider": None,
            "model": None,
            "path": "/deep/B",
            "ready": False,
            "why_not_ready": "no key",
            **offers,
        },
    }


async def test_providers_are_listed_by_name_and_say_why_they_are_not_ready():
    overview = seen(providers=(provider("a"), provider("b", default_model=None, models=(), why_not_ready="no key")))

    providers = await listing("/providers", overview)

    assert providers == {
        "a": {
            "api_base": "https://demo.example/v1",
            "default_model": "tiny",
            "models": ["tiny", "large"],
            "ready": True,
        },
        "b": {
            "api_base": "https://demo.example/v1",
            "default_model": None,
            "models": [],
            "ready": False,
            "why_not_ready": "no key",
        },
    }


@pytest.mark.parametrize("path", ["/bots", "/providers"])
async def test_a_server_with_nothing_on_it_lists_nothing(path):
    assert await listing(path, seen(providers=())) == {}


async def test_every_look_shows_the_server_as_it_is_then():
    states = iter([seen(), seen(bot())])
    app = create_api(lambda: next(states))

    async with browser(app) as client:
        first, second = await client.get("/health"), await client.get("/health")

    assert [first.json()["bot_count"], second.json()["bot_count"]] == [0, 1]


async def test_a_bot_tells_what_it_takes_what_it_offers_and_who_answers(tmp_path):
    providers = """
providers:
- name: studio
  api_base: http://localhost:1/v1
  models: [{name: eye, vision: true}, plain]
  profile_overrides: {models: {plain: {drop_params: [temperature, reasoning_effort]}}}
- {name: demo, kind: demo, models: [demo]}
"""
    bots = """
bots:
- {bot_name: Seer, provider: studio, models: ["demo:demo", plain], fallbacks: [demo]}
- {bot_name: Plain, provider: studio, model: plain}
- {bot_name: Thinker, provider: studio, model: plain, controls: [reasoning_effort]}
"""
    async with browser(app_of(tmp_path, bots, providers, ledger="off")) as client:
        listed = (await client.get("/bots")).json()
        models = (await client.get("/providers/studio/models")).json()["models"]

    seer, plain = listed["Seer"], listed["Plain"]
    assert seer["takes"] == {
        "temperature": True,
        "max_tokens": True,
        "reasoning_effort": ["low", "medium", "high"],
        "images": True,
        "system": True,
    }
    assert seer["models"] == ["studio:eye", "demo:demo", "studio:plain"]
    assert [(target["target"], target["state"]) for target in seer["targets"]] == [
        ("studio:eye", "closed"),
        ("demo:demo", "closed"),
    ]
    assert "key" not in seer["targets"][0]
    assert (plain["takes"]["temperature"], plain["takes"]["reasoning_effort"]) == (False, [])
    assert (plain["models"], listed["Thinker"]["takes"]["reasoning_effort"]) == (
        ["studio:plain"],
        ["low", "medium", "high"],
    )
    assert [model["takes"]["images"] for model in models] == [True, False]


async def test_a_bot_is_ready_when_one_of_those_who_may_answer_is(tmp_path):
    providers = """
providers:
- {name: keyed, api_base: "http://localhost:1/v1", api_key_env: NOBODY_SETS_THIS, models: [large]}
- {name: other, api_base: "http://localhost:1/v1", api_key_env: NOR_THIS, models: [large]}
- {name: demo, kind: demo, models: [demo]}
"""
    bots = """
bots:
- {bot_name: Steady, provider: keyed, fallbacks: [demo]}
- {bot_name: Stuck, provider: keyed, fallbacks: [other]}
"""
    async with browser(app_of(tmp_path, bots, providers, ledger="off")) as client:
        listed = (await client.get("/bots")).json()
        models = (await client.get("/v1/models", headers={"host": "localhost"})).json()["data"]

    assert (listed["Steady"]["ready"], listed["Stuck"]["ready"]) == (True, False)
    assert listed["Stuck"]["why_not_ready"] == "NOBODY_SETS_THIS is not set"
    assert [model["id"] for model in models] == ["Steady", "demo:demo"]
