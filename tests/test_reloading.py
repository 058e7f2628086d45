"""The files change under a running server: what is new comes, what is gone goes, and nobody's answer is cut."""

import asyncio
import textwrap
from contextlib import asynccontextmanager
from pathlib import Path
from time import thread_time
from typing import Any

import fastapi_poe as fp
import httpx
import pytest
import structlog
from structlog.testing import capture_logs

from tests.apps import app_of, upstream_provider
from tests.serving import serving
from utils.bot_factory import BotFactory
from utils.chat import Delta
from utils.generations import Change
from utils.providers import Kind
from utils.providers.demo.server import demo_app
from utils.providers.kinds import KINDS
from utils.registry.keeping import STAYS

DEMO = "providers: [{name: demo, kind: demo, models: [demo]}, {name: other, kind: demo, models: [small]}]"
POET = "{bot_name: Poet, provider: demo}"
SINGER = "{bot_name: Singer, provider: other}"
KEY = "k" * 32


def bots(*entries: str) -> str:
    return "bots:\n" + "".join(f"- {entry}\n" for entry in entries)


class House:
    """A server, and the files that it was made of."""

    def __init__(self, folder: Path, entries: str = "", providers: str = DEMO, **more: Any) -> None:
        self.folder = folder
        self.app = app_of(folder, entries or bots(POET, SINGER), providers, **more)
        self.generations = self.app.state.generations
        self.door = self.app.state.door

    @property
    def factory(self) -> BotFactory:
        factory: BotFactory = self.generations.current
        return factory

    def write(self, entries: str | None = None, providers: str | None = None) -> None:
        for name, text in (("bots.yaml", entries), ("providers.yaml", providers)):
            if text is not None:
                (self.folder / name).write_text(text, encoding="utf-8")

    async def change(self, entries: str | None = None, providers: str | None = None) -> Change:
        self.write(entries, providers)
        change: Change = await self.generations.reload()
        return change

    def bot(self, name: str) -> Any:
        return next(mounted.bot for mounted in self.door.bots.values() if mounted.name == name)

    @property
    def served(self) -> list[str]:
        return [mounted.name for mounted in self.door.bots.values()]

    @property
    def problems(self) -> list[str]:
        return list(self.app.state.overview().problems)


@pytest.fixture
async def house(tmp_path):
    made = House(tmp_path)
    yield made
    await made.generations.aclose()


def said(content: str) -> fp.ProtocolMessage:
    return fp.ProtocolMessage(role="user", content=content)


async def ask(address: str, content: str, bot: str = "Poet") -> str:
    parts = fp.get_bot_response([said(content)], bot, KEY, base_url=f"{address}/")
    return "".join([part.text async for part in parts])


async def test_bots_appear_change_and_disappear_without_a_restart(house):
    singer = house.bot("Singer")

    change = await house.change(
        bots("{bot_name: Poet, provider: demo, system_message: Rhyme.}", "{bot_name: New, provider: demo}")
    )

    assert (change.new, change.changed, change.removed) == (("bot New",), ("bot Poet",), ("bot Singer",))
    assert house.served == ["Poet", "New"]
    assert house.bot("Poet").config.system_message == "Rhyme."
    assert singer not in [house.bot(name) for name in house.served]


async def test_a_bot_of_which_nothing_has_changed_stays_the_very_same(house):
    poet, target = house.bot("Poet"), house.bot("Poet").chat.targets[0]

    change = await house.change(bots(POET, SINGER, "{bot_name: New, provider: demo}"))

    assert house.bot("Poet") is poet
    assert poet.chat.targets[0] is target
    assert change == Change(new=("bot New",), unchanged=4)


async def test_a_changed_provider_changes_its_own_bots_and_no_others(house):
    poet, singer = house.bot("Poet"), house.bot("Singer")

    change = await house.change(providers=DEMO.replace("small", "large"))

    assert change.changed == ("provider other", "bot Singer")
    assert house.bot("Poet") is poet
    assert house.bot("Singer") is not singer
    assert house.bot("Singer").chat.targets[0].model == "large"


async def test_what_was_learnt_of_a_target_outlives_a_change(house):
    board = house.factory.house.routes.board
    (lane,) = house.bot("Poet").chat.targets[0].lanes()
    lane.health.began().ended(answered=True)
    lane.breaker.force_open("maintenance")

    await house.change(bots("{bot_name: Poet, provider: demo, temperature: 0.1}"))

    assert house.bot("Poet").chat.targets[0].lanes() == (lane,)
    assert house.factory.house.routes.board is board
    assert (lane.breaker.state, lane.health.successes) == ("open", 1)


async def test_stored_answers_and_counted_questions_outlive_a_change(tmp_path):
    entry = "{bot_name: Poet, provider: demo, cache: {ttl: 1h}, rate_limit: 5/minute}"
    house = House(tmp_path, bots(entry, SINGER))
    answers, routes = house.factory.house.routes.answers, house.factory.house.routes
    limiter = routes.limiter(house.bot("Poet").config)

    await house.change(bots(entry))

    assert house.factory.house.routes.answers is answers
    assert house.factory.house.routes.limiter(house.bot("Poet").config) is limiter


MISTAKES = [
    "{bot_name: Poet, provider: demo, temperature: hot}",
    "{bot_name: Poet, provider: dmeo}",
    "{bot_name: Poet, provider: demo, unknown_key: 1}",
    "{bot_name: Poet, provider: demo, bot_class: bots.nowhere.Poet}",
    "{bot_name: Poet, provider: demo, strategy: by_the_moon}",
    "{bot_name: Poet, provider: demo, system_message: '${NOBODY_HAS_SET_THIS}'}",
    "{bot_nmae: Poet, provider: demo}",
    "Poet",
]


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_a_mistaken_entry_stays_as_it_was_and_the_others_change(house, mistake):
    poet = house.bot("Poet")

    change = await house.change(bots(mistake, "{bot_name: New, provider: demo}"))

    assert house.bot("Poet") is poet
    assert "New" in house.served
    assert "bot Poet" in change.kept or mistake == "Poet"
    assert any("bots.yaml:2" in problem for problem in house.problems)
    assert (mistake in {"Poet", MISTAKES[-2]}) or any(STAYS in problem for problem in house.problems)


async def test_a_mistake_that_is_put_right_takes_effect(house):
    await house.change(bots("{bot_name: Poet, provider: demo, temperature: hot}", SINGER))

    change = await house.change(bots("{bot_name: Poet, provider: demo, temperature: 0.3}", SINGER))

    assert (change.changed, change.kept, house.problems) == (("bot Poet",), (), [])
    assert house.bot("Poet").config.temperature == 0.3


@pytest.mark.parametrize("broken", ["bots: [", "", "bots:\n", "nothing: here", "bots: {a: b}", "\x00"])
async def test_a_file_that_cannot_be_read_changes_nothing(house, broken):
    before = {name: house.bot(name) for name in house.served}

    change = await house.change(broken)

    assert {name: house.bot(name) for name in house.served} == before
    assert change.kept == ("bot Poet", "bot Singer")
    assert any(STAYS in problem for problem in house.problems)
    assert house.app.state.overview().status == "degraded"


@pytest.mark.parametrize("broken", ["providers: [", "", None])
async def test_a_provider_file_that_cannot_be_read_changes_nothing(house, broken):
    before = {name: house.bot(name) for name in house.served}
    if broken is None:
        (house.folder / "providers.yaml").unlink()

    change = await house.change(providers=broken)

    assert {name: house.bot(name) for name in house.served} == before
    assert change.kept == ("provider demo", "provider other")


async def test_a_mistaken_provider_stays_as_it_was_and_new_bots_may_use_it(house):
    mistaken = DEMO.replace("kind: demo, models: [small]", "kind: demo, models: [small], timeout: never")

    change = await house.change(bots(POET, SINGER, "{bot_name: New, provider: other}"), mistaken)

    assert change == Change(new=("bot New",), kept=("provider other",), unchanged=3)
    assert house.bot("New").chat.targets[0].model == "small"


async def test_a_provider_whose_settings_only_its_kind_finds_wrong_stays_as_it_was(tmp_path):
    text = "providers: [{name: r, kind: replicate, models: [a/b]%s}, {name: demo, kind: demo, models: [demo]}]"
    house = House(tmp_path, bots("{bot_name: Poet, provider: r}"), text % "")
    poet = house.bot("Poet")

    change = await house.change(providers=text % ", settings: {unheard_of: 1}")

    assert change.kept == ("provider r",)
    assert house.bot("Poet") is poet
    assert any(STAYS in problem for problem in house.problems)


async def test_a_bot_whose_provider_is_gone_goes_on_as_it_was_and_says_so(house):
    async with serving(house.app) as address:
        change = await house.change(providers="providers: [{name: demo, kind: demo, models: [demo]}]")
        await house.change()

        assert await ask(address, "/echo still here", "Singer") == "still here"
        async with httpx.AsyncClient() as http:
            listed = (await http.get(f"{address}/bots")).json()

    assert change.kept == ("bot Singer",)
    assert listed["Singer"]["model"] == "small"


@pytest.mark.parametrize("change", ["enabled: false", "allow: [Nobody]"])
async def test_what_the_owner_takes_from_a_bot_is_taken_at_once(house, change):
    await house.change(providers=DEMO.replace("models: [small]", f"models: [small], {change}"))

    assert house.served == ["Poet"]


async def test_a_bot_that_is_switched_off_is_served_no_more(house):
    change = await house.change(bots(POET, "{bot_name: Singer, provider: other, enabled: false}"))

    assert (house.served, change.removed) == (["Poet"], ("bot Singer",))


async def test_a_new_bot_has_a_path_before_one_that_is_kept(house):
    change = await house.change(
        bots("{bot_name: New, provider: demo, path: /Poet}", "{bot_name: Poet, provider: nobody}")
    )

    assert (house.served, change.removed) == (["New"], ("bot Poet", "bot Singer"))


CODE = """
    import fastapi_poe as fp
    from utils.chat import ChatMessage, ChatRequest
    from utils.poe import BaseBot

    class Asker(BaseBot):
        bot_name = "Asker"
        closed = 0

        async def get_response(self, request):
            self.pause = getattr(self, "pause", None)
            yield fp.PartialResponse(text="begun ")
            if self.pause:
                await self.pause.wait()
            question = ChatRequest((ChatMessage("user", "/echo hi"),))
            async for delta in self.providers.get("other").stream(question):
                yield fp.PartialResponse(text=delta.text)

        async def aclose(self):
            type(self).closed += 1
"""


@pytest.fixture
def package(tmp_path, monkeypatch, request):
    name = f"reloaded_{abs(hash(request.node.nodeid))}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    (tmp_path / name / "asker.py").write_text(textwrap.dedent(CODE), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


async def test_a_bot_in_python_is_kept_and_sees_the_providers_as_they_are(tmp_path, package):
    house = House(tmp_path, bots(POET), code_bots=package)
    asker = house.bot("Asker")

    await house.change(providers=DEMO.replace("small", "large"))

    assert house.bot("Asker") is asker
    assert asker.providers.registry["other"].model == "large"
    assert asker.closed == 0


async def test_an_answer_of_a_bot_in_python_keeps_the_providers_that_it_began_with(tmp_path, package):
    house = House(tmp_path, bots(POET), code_bots=package)
    go_on = house.bot("Asker").pause = asyncio.Event()

    async with serving(house.app) as address:
        answer = fp.get_bot_response([said("hi")], "Asker", KEY, base_url=f"{address}/")
        first = (await anext(answer)).text
        await house.change(providers="providers: [{name: demo, kind: demo, models: [demo]}]")
        go_on.set()
        rest = [part.text async for part in answer]
        closed = house.bot("Asker").closed

    assert first + "".join(rest) == "begun hi"
    assert list(house.bot("Asker").providers.registry) == ["demo"]
    assert closed == 0


@asynccontextmanager
async def running_answers(address: str, count: int, bot: str = "Poet", content: str = "/tokens 40 /slow 60"):
    """So many answers, of each of which the first piece was read; what was read is a list for each."""
    streams = [fp.get_bot_response([said(content)], bot, KEY, base_url=f"{address}/") for _ in range(count)]
    firsts = await asyncio.gather(*map(first_words, streams))
    yield list(zip(firsts, streams, strict=True))


async def first_words(stream):
    return await anext(part.text async for part in stream if part.text)


async def rest_of(answer):
    first, stream = answer
    return first + "".join([part.text async for part in stream])


async def test_a_hundred_running_answers_come_to_their_ends_while_everything_changes(tmp_path):
    upstream = demo_app()
    async with serving(upstream) as model:
        house = House(tmp_path, bots("{bot_name: Poet, provider: upstream, retries: 0}"), upstream_provider(model))
        async with serving(house.app) as address:
            async with running_answers(address, 100) as answers:
                await house.change(providers=upstream_provider(model, timeout="33"))
                open_upstream = upstream.state.open_streams
                changed = await ask(address, "/echo new")
                await house.change(bots("{bot_name: Other, provider: upstream}"))
                texts = await asyncio.gather(*map(rest_of, answers))

    assert open_upstream == 100
    assert changed == "new"
    assert len(set(texts)) == 1
    assert len(texts[0].split()) == 40


async def test_a_retired_bot_is_closed_when_its_last_answer_has_ended_and_not_before(house, monkeypatch):
    closed = asyncio.Event()
    async with serving(house.app) as address:
        async with running_answers(address, 1) as (answer,):
            poet = house.bot("Poet")

            async def aclose() -> None:
                closed.set()

            monkeypatch.setattr(poet, "aclose", aclose)
            await house.change(bots(SINGER))
            await asyncio.sleep(0)
            was_closed_early = closed.is_set()
            await rest_of(answer)
        await asyncio.wait_for(closed.wait(), 2)

    assert not was_closed_early


async def test_a_retired_bot_is_closed_with_the_server_at_the_latest(house, monkeypatch):
    closed = []
    async with serving(house.app) as address:
        async with running_answers(address, 1, content="/tokens 5 /slow 60000"):
            poet = house.bot("Poet")

            async def aclose() -> None:
                closed.append("Poet")

            monkeypatch.setattr(poet, "aclose", aclose)
            await house.change(bots(SINGER))

    assert closed == ["Poet"]


async def test_a_server_that_watches_takes_over_what_changes_in_its_files(tmp_path):
    house = House(tmp_path, watch_config=True)

    async with serving(house.app) as address:
        house.write(bots(POET, "{bot_name: New, provider: demo}"))
        async with asyncio.timeout(10):
            while "New" not in house.served:
                await asyncio.sleep(0.02)
        assert await ask(address, "/echo hi", "New") == "hi"


async def test_a_reload_that_fails_altogether_leaves_the_server_and_the_watch_as_they_are(tmp_path, monkeypatch):
    house = House(tmp_path, watch_config=True)
    real, failed = house.generations.reload, asyncio.Event()

    async def reload() -> Change:
        if not failed.is_set():
            failed.set()
            raise OSError("no memory")
        change: Change = await real()
        return change

    monkeypatch.setattr(house.generations, "reload", reload)
    async with serving(house.app):
        house.write(bots(POET))
        await asyncio.wait_for(failed.wait(), 10)
        house.write(bots(SINGER))
        async with asyncio.timeout(10):
            while house.served != ["Singer"]:
                await asyncio.sleep(0.02)


async def test_reloads_at_the_same_time_come_one_after_the_other(house):
    house.write(bots(POET, SINGER, "{bot_name: New, provider: demo}"))

    changes = await asyncio.gather(*(house.generations.reload() for _ in range(5)))

    assert [change.new for change in changes] == [("bot New",), (), (), (), ()]


async def test_a_reload_while_the_server_starts_is_fine(tmp_path):
    house = House(tmp_path)
    house.write(bots(POET))
    await house.generations.reload()

    async with serving(house.app) as address:
        assert await ask(address, "/echo hi") == "hi"

    assert house.served == ["Poet"]


async def test_all_generations_share_one_session(tmp_path):
    upstream = demo_app()
    async with serving(upstream) as model:
        house = House(tmp_path, bots("{bot_name: Poet, provider: upstream}"), upstream_provider(model))
        async with serving(house.app) as address:
            await ask(address, "/echo one")
            session = house.factory.pool._http().session()
            for timeout in ("31", "32", "33"):
                await house.change(providers=upstream_provider(model, timeout=timeout))
                await ask(address, "/echo two")
            same = house.factory.pool._http().session()
            was_closed = session.closed

    assert same is session
    assert not was_closed


class KeepsOpen:
    """A provider with a connection of its own."""

    def __init__(self, closed: list[str], name: str) -> None:
        self.closed, self.name = closed, name
        self.go_on = asyncio.Event()

    async def stream(self, request: Any) -> Any:
        yield Delta("begun ")
        await self.go_on.wait()
        yield Delta("ended", finish_reason="stop")

    async def aclose(self) -> None:
        self.closed.append(self.name)


async def test_a_provider_of_which_nobody_needs_anything_any_more_is_closed(tmp_path, monkeypatch):
    closed: list[str] = []
    keeps_open = Kind(lambda config, parts: KeepsOpen(closed, f"{config.name} {config.timeout:g}"))
    monkeypatch.setitem(KINDS, "demo", keeps_open)
    text = "providers: [{name: a, kind: demo, models: [m], timeout: %d}, {name: b, kind: demo, models: [m]}]"
    house = House(tmp_path, bots("{bot_name: A, provider: a}", "{bot_name: B, provider: b}"), text % 30)

    async with serving(house.app) as address:
        answers = [fp.get_bot_response([said("hi")], name, KEY, base_url=f"{address}/") for name in "AB"]
        firsts = [await first_words(answer) for answer in answers]
        providers = [house.factory.pool.get(name).made() for name in "ab"]
        await house.change(providers=text % 40)
        closed_early = list(closed)
        for provider in providers:
            provider.go_on.set()
        rests = ["".join([part.text async for part in answer]) for answer in answers]
        async with asyncio.timeout(5):
            while not closed:
                await asyncio.sleep(0.01)
        closed_after_the_last_answer = list(closed)

    assert [first + rest for first, rest in zip(firsts, rests, strict=True)] == ["begun ended"] * 2
    assert closed_early == []
    assert closed_after_the_last_answer == ["a 30"]
    assert sorted(closed) == ["a 30", "b 60"]


async def test_a_provider_is_not_closed_for_one_generation_while_a_later_one_answers_by_it(tmp_path, monkeypatch):
    closed: list[str] = []
    monkeypatch.setitem(KINDS, "demo", Kind(lambda config, parts: KeepsOpen(closed, config.name)))
    text = "providers: [{name: a, kind: demo, models: [m]}, {name: b, kind: demo, models: [m], timeout: %d}]"
    house = House(tmp_path, bots("{bot_name: A, provider: a}", "{bot_name: B, provider: b}"), text % 30)

    async with serving(house.app) as address:
        first = fp.get_bot_response([said("hi")], "B", KEY, base_url=f"{address}/")
        await first_words(first)
        of_the_first = house.factory.pool.get("b").made()
        await house.change(providers=text % 40)
        second = fp.get_bot_response([said("hi")], "A", KEY, base_url=f"{address}/")
        await first_words(second)
        await house.change(bots("{bot_name: C, provider: c}"), "providers: [{name: c, kind: demo, models: [m]}]")
        of_the_first.go_on.set()
        _ = [part async for part in first]
        async with asyncio.timeout(5):
            while not closed:
                await asyncio.sleep(0.01)
        closed_meanwhile = list(closed)

    assert closed_meanwhile == ["b"]
    assert "a" in closed


async def test_a_bot_that_was_never_made_is_not_kept(tmp_path):
    lost = "{bot_name: Lost, provider: other, bot_class: bots.nowhere.Lost}"
    house = House(tmp_path, bots(POET, lost))

    await house.change(providers="providers: [{name: demo, kind: demo, models: [demo]}]")

    assert house.served == ["Poet"]
    assert not any("KeyError" in problem for problem in house.problems)


async def test_the_log_says_once_what_is_new_changed_removed_and_kept(house):
    with capture_logs() as logs:
        await house.change(bots("{bot_name: Poet, provider: nobody}", "{bot_name: New, provider: demo}"))

    (event,) = (each for each in logs if each["event"] == "config.reloaded")
    assert (event["new"], event["removed"], event["kept"]) == (("bot New",), ("bot Singer",), ("bot Poet",))


async def test_generations_that_are_over_leave_nothing_behind(house):
    for temperature in range(20):
        await house.change(bots(f"{{bot_name: Poet, provider: demo, temperature: 0.{temperature}}}", SINGER))
    await asyncio.sleep(0.01)

    assert len(house.generations._pools) == 1
    assert not house.generations._farewells


async def test_two_hundred_bots_are_made_anew_without_holding_up_the_others(tmp_path):
    house = House(tmp_path, bots(*(f"{{bot_name: Bot{n}, provider: demo}}" for n in range(200))))
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            before = thread_time()
            await asyncio.sleep(0)
            longest = max(longest, thread_time() - before)

    watching = asyncio.create_task(watch())
    await house.change(bots(*(f"{{bot_name: Bot{n}, provider: demo, temperature: 0.5}}" for n in range(200))))
    watching.cancel()

    assert len(house.served) == 200
    assert longest < 0.5  # of its own CPU time, for what else runs on the machine is no failure; a few ms are usual
    structlog.get_logger().debug("longest", seconds=longest)
