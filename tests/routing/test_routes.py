"""What the files say of routes, through the door of Poe."""

import httpx
import pytest

from tests.apps import app_of, upstream_provider
from tests.serving import serving
from utils.bot_factory import BotFactory
from utils.providers.demo.server import demo_app
from utils.registry import BotConfigRegistry, ProviderRegistry
from utils.settings import Settings

TWO = "providers: [{name: one, kind: demo, models: [demo]}, {name: two, kind: demo, models: [demo]}]"


async def ask(address: str, text: str, bot: str = "Bot", **fields: object) -> list[tuple[str, str]]:
    """The events of the answer, and what stands in each."""
    question = {"type": "query", "query": [{"role": "user", "content": text}], "user_id": "u-1", **fields}
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{address}/{bot}", json=question)
    lines = answer.text.splitlines()
    names = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    return list(zip(names, (line.removeprefix("data: ") for line in lines if line.startswith("data: ")), strict=True))


def problems_of(folder, bots: str, providers: str = TWO) -> list[str]:
    (folder / "providers.yaml").write_text(providers, encoding="utf-8")
    (folder / "bots.yaml").write_text(bots, encoding="utf-8")
    known = ProviderRegistry.load(folder / "providers.yaml", {})
    factory = BotFactory(Settings(), known, BotConfigRegistry.load(folder / "bots.yaml", {}, known))
    factory.add_configured_bots()
    return [str(problem) for problem in factory.problems]


async def test_who_asks_too_often_is_told_when_to_come_back(tmp_path):
    bots = "bots: [{bot_name: Bot, provider: demo, rate_limit: 2/minute}]"

    async with serving(app_of(tmp_path, bots)) as address:
        first = [await ask(address, "/wait 0 /tokens 1") for _ in range(2)]
        refused = await ask(address, "/wait 0 /tokens 1")
        other = await ask(address, "/wait 0 /tokens 1", user_id="u-2")

    assert all("error" not in dict(events) for events in (*first, other))
    assert "many questions" in dict(refused)["error"]
    assert '"allow_retry": false' in dict(refused)["error"]


async def test_an_equal_question_is_answered_from_the_cache(tmp_path):
    bots = "bots: [{bot_name: Bot, provider: upstream, cache: {ttl: 1h, scope: user}}]"
    upstream = demo_app()

    async with serving(upstream) as model, serving(app_of(tmp_path, bots, upstream_provider(model))) as address:
        answers = [await ask(address, "/tokens 20") for _ in range(3)]
        await ask(address, "/tokens 20", user_id="u-2")

    assert answers[0] == answers[1] == answers[2]
    assert len(upstream.state.requests) == 2


async def test_a_person_may_ask_for_an_answer_that_is_not_from_the_cache(tmp_path):
    bots = "bots: [{bot_name: Bot, provider: upstream, cache: {ttl: 1h, scope: user}}]"
    upstream = demo_app()
    anew = [{"role": "user", "content": "/tokens 20", "parameters": {"fresh": True}}]

    async with serving(upstream) as model, serving(app_of(tmp_path, bots, upstream_provider(model))) as address:
        await ask(address, "/tokens 20")
        await ask(address, "/tokens 20", query=anew)
        await ask(address, "/tokens 20")

    assert len(upstream.state.requests) == 2


async def test_an_answer_that_breaks_off_is_replaced_by_a_whole_one(tmp_path):
    well = demo_app(tokens=3)
    bots = "bots: [{bot_name: Bot, targets: ['bad:demo-break-5', 'good:demo-tokens-3']}]"

    async with serving(demo_app()) as bad, serving(well) as good:
        providers = f"providers: [{{name: bad, api_base: {bad}/v1}}, {{name: good, api_base: {good}/v1}}]"
        async with serving(app_of(tmp_path, bots, providers)) as address:
            events = await ask(address, "Tell me")

    names = [name for name, _ in events]
    assert "error" not in names
    assert names.count("replace_response") == 1
    assert names.index("text") < names.index("replace_response")
    assert names[-1] == "done"


async def test_people_are_split_over_the_targets(tmp_path):
    bots = "bots: [{bot_name: Bot, targets: [{target: one, name: a}, {target: two, name: b}], split: {a: 1, b: 1}}]"
    app = app_of(tmp_path, bots, TWO)

    async with serving(app) as address:
        for person in ("u-1", "u-2", "u-3", "u-4", "u-5", "u-6") * 2:
            await ask(address, "/wait 0 /tokens 1", user_id=person)

    tried = {}
    for trace in app.state.door.bots["/Bot"].bot.house.routes.board.traces:
        tried.setdefault(trace.origin.user, set()).add((trace.tried[0].provider, trace.tried[0].variant))
    assert all(len(variants) == 1 for variants in tried.values())
    assert set().union(*tried.values()) == {("one", "a"), ("two", "b")}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("strategy: priorty", "`strategy`: should be `priority`, `round_robin`"),
        ("rate_limit: often", "`rate_limit`: `often` is no rate limit"),
        ("cache: {ttl: soon}", "`cache`: 'soon' is no time for a cache"),
        ("split: {c: 1}", "`split.c` is none of its targets; they are `one`, `two:demo`."),
        ("fallbacks: [two]", "`targets` takes the place of `fallbacks`; keep one of them."),
        ("context_fallback: three", "falls back to provider `three`, which"),
    ],
)
def test_what_is_wrong_with_routes_is_found_when_the_file_is_read(tmp_path, lines, message):
    bots = f"bots:\n- bot_name: Bot\n  targets: [one, 'two:demo']\n  {lines}\n"

    (problem,) = problems_of(tmp_path, bots)

    assert "bots.yaml:4" in problem
    assert message in problem


async def test_a_variant_of_a_split_never_gets_the_answer_of_another_from_the_cache(tmp_path):
    bots = (
        "bots: [{bot_name: Bot, cache: {ttl: 1h, scope: bot}, split: {a: 1, b: 1},"
        " targets: [{target: one, name: a}, {target: two, name: b}]}]"
    )
    app = app_of(tmp_path, bots, TWO)

    async with serving(app) as address:
        for person in ("u-1", "u-2", "u-3", "u-4", "u-5", "u-6"):
            await ask(address, "/wait 0 /tokens 1", user_id=person)

    asked = [trace.tried[0].variant for trace in app.state.door.bots["/Bot"].bot.house.routes.board.traces]
    assert sorted(asked) == ["a", "b"]


async def test_a_key_that_is_set_later_becomes_a_way_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("ONE_API_KEY", "key-one")
    upstream = demo_app(tokens=1)
    bots = "bots: [{bot_name: Bot, provider: upstream}]"

    async with serving(upstream) as model:
        app = app_of(tmp_path, bots, upstream_provider(model, api_key_env="[ONE_API_KEY, TWO_API_KEY]"))
        (target,) = app.state.door.bots["/Bot"].bot.chat.targets
        before = [lane.key for lane in target.lanes()]
        monkeypatch.setenv("TWO_API_KEY", "key-two")

        assert (before, [lane.key for lane in target.lanes()]) == (["ONE_API_KEY"], ["ONE_API_KEY", "TWO_API_KEY"])
