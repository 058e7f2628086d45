"""One click asks a provider of the running server one tiny question."""

import asyncio

import httpx
import pytest

from tests.web.owner import BOTS, KEY, PROVIDERS, owned
from utils.keys import Keyring
from utils.providers.trial import Trial
from utils.routing import Board
from utils.web import OperatorDoor, TrialDesk


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    monkeypatch.setenv("ADMIN_KEY", KEY)


async def test_a_provider_that_answers_is_told_with_its_times_and_its_cost(tmp_path):
    async with owned(tmp_path) as server:
        answer = await server.client.post("/admin/providers/demo/test")

    trial = answer.json()
    assert (answer.status_code, trial["outcome"], trial["model"], trial["problem"]) == (200, "ok", "demo", None)
    assert 0 < trial["seconds_to_first_word"] <= trial["seconds"]
    assert (trial["output_tokens"] > 0, trial["cost"]) == (True, "0")


async def test_one_that_fails_is_told_with_what_to_do(tmp_path):
    async with owned(tmp_path) as server:
        trial = (await server.client.post("/admin/providers/studio/test")).json()

    assert (trial["outcome"], trial["cost"]) == ("failed", None)
    assert trial["problem"].startswith("no connection could be made")
    assert "`api_base`" in trial["fix"]


async def test_one_without_a_key_is_told_which_variable_to_set(tmp_path):
    keyed = "  - {name: keyed, api_base: http://localhost:1/v1, api_key_env: KEYED_KEY, models: [small]}\n"
    async with owned(tmp_path, BOTS, PROVIDERS + keyed) as server:
        trial = (await server.client.post("/admin/providers/keyed/test")).json()

    assert (trial["outcome"], trial["fix"]) == ("failed", "Set KEYED_KEY.")


async def test_what_a_trial_took_is_in_the_ledger(tmp_path):
    async with owned(tmp_path, ledger="sqlite", ledger_file=tmp_path / "ledger.db") as server:
        trials = [(await server.client.post(f"/admin/providers/{name}/test")).json() for name in ("demo", "studio")]
        told = []
        while len(told) < 2:  # records are written a moment later
            told = (await server.client.get("/usage/attempts")).json()["answers"]

    attempts = {each["attempts"][0]["provider"]: each["attempts"][0] for each in told}
    assert {(each["door"], each["bot"]) for each in told} == {("test", "provider test")}
    assert (attempts["demo"]["outcome"], attempts["studio"]["outcome"]) == ("answered", "failed")
    assert attempts["demo"]["output_tokens"] == trials[0]["output_tokens"] > 0
    assert attempts["studio"]["error"] == trials[1]["failure"] == "Unreachable"


@pytest.mark.parametrize(
    ("method", "name", "status"), [("POST", "dmeo", 404), ("POST", "a/b", 404), ("POST", "", 404), ("GET", "demo", 405)]
)
async def test_nobody_else_is_tested(tmp_path, method, name, status):
    async with owned(tmp_path) as server:
        answer = await server.client.request(method, f"/admin/providers/{name}/test")

    assert answer.status_code == status


def client_of(desk: TrialDesk) -> httpx.AsyncClient:
    async def reload() -> dict[str, str]:
        return {}

    door = OperatorDoor(Board(), reload, tuple, Keyring({"ADMIN_KEY": KEY}), desks=[desk])
    headers = {"authorization": f"Bearer {KEY}"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=door), base_url="http://bots.example", headers=headers)


async def test_only_so_many_run_at_once():
    begun, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def trial(name: str) -> Trial:
        begun.release()
        await go_on.wait()
        return Trial(name, None, "ok")

    async with client_of(TrialDesk(lambda: ["demo"], trial)) as client:
        running = [asyncio.create_task(client.post("/admin/providers/demo/test")) for _ in range(4)]
        for _ in running:
            await begun.acquire()
        refused = await client.post("/admin/providers/demo/test")
        go_on.set()
        answers = [(await each).status_code for each in running]
        afterwards = await client.post("/admin/providers/demo/test")

    assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
    assert (answers, afterwards.status_code) == ([200] * 4, 200)


async def test_an_answer_without_an_end_is_given_up():
    async def trial(name: str) -> Trial:
        await asyncio.Event().wait()
        raise AssertionError

    async with client_of(TrialDesk(lambda: ["demo"], trial, longest_seconds=0)) as client:
        told = (await client.post("/admin/providers/demo/test")).json()

    assert (told["outcome"], told["problem"]) == ("failed", "its answer had no end after 0 seconds.")
