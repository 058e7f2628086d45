"""What Prometheus collects is what happened, bounded and without a secret."""

import asyncio
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from prometheus_client import Metric as Family
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request

from tests.apps import app_of
from tests.ledger.summaries.records import failure, record
from tests.serving import serving
from utils.ledger import Forgetful
from utils.routing import Board
from utils.routing.cache import AnswerStore
from utils.web.metrics import MetricsPage, Watched
from utils.web.metrics_table import METRICS
from utils.web.metrics_tally import Tally

ROOT = Path(__file__).resolve().parents[2]
KEY = "a-key-for-the-operator-0123456789"
BOTS = """
bots:
- {bot_name: Poet, provider: demo}
- {bot_name: Lost, provider: broken}
"""
PROVIDERS = """
providers:
- {name: broken, api_base: "http://127.0.0.1:9/v1", models: [large], max_concurrent: 2}
- {name: demo, kind: demo, models: [demo]}
"""


NOTHING_SAID = Request({"type": "http", "method": "GET", "path": "/metrics", "headers": []})


async def shown(tally: Tally, board: Board | None = None) -> dict[str, Family]:
    watched = Watched(tally, board or Board(), AnswerStore(), Forgetful(), lambda: 3)
    response = await MetricsPage(watched)(NOTHING_SAID)
    return {family.name: family for family in text_string_to_metric_families(bytes(response.body).decode())}


def values(family: Family) -> dict[tuple[str, ...], float]:
    labels = next(each.labels for each in METRICS if each.name == family.name)
    return {tuple(sample.labels[label] for label in labels): sample.value for sample in family.samples}


async def test_records_are_counted():
    tally = Tally()
    for each in (record(reasoning_tokens=5), failure(attempt=1), record(attempt=2, cost=None), record(queued=0.25)):
        tally.add(each)

    found = await shown(tally)

    assert values(found["poe_bots_requests"]) == {("Poet", "poe"): 3}
    assert values(found["poe_bots_attempts"]) == {
        ("Poet", "openai", "luna", "answered"): 3,
        ("Poet", "openai", "luna", "failed"): 1,
    }
    assert values(found["poe_bots_failures"]) == {("openai", "luna", "TimedOut"): 1}
    assert values(found["poe_bots_tokens"])["Poet", "openai", "luna", "reasoning"] == 5
    assert values(found["poe_bots_cost_dollars"]) == {("Poet", "openai", "luna"): pytest.approx(0.004)}
    assert values(found["poe_bots_unknown_cost"]) == {("openai", "luna"): 1}
    assert values(found["poe_bots_queued_seconds"]) == {("openai",): 0.25}


async def test_vectors_of_an_unknown_price_are_counted_as_such():
    tally = Tally()
    tally.add(record(cost=None, first_content=None, output_tokens=0))

    assert values((await shown(tally))["poe_bots_unknown_cost"]) == {("openai", "luna"): 1}


async def test_who_was_not_asked_has_not_failed():
    tally = Tally()
    tally.add(failure("BudgetSpent", outcome="refused"))

    found = await shown(tally)

    assert values(found["poe_bots_failures"]) == {}
    assert values(found["poe_bots_attempts"]) == {("Poet", "openai", "luna", "refused"): 1}


async def test_times_are_told_in_buckets():
    tally = Tally()
    for seconds in (0.01, 0.3, 0.3, 10_000):
        tally.add(record(first_content=seconds, seconds=seconds))

    samples = (await shown(tally))["poe_bots_first_content_seconds"].samples

    buckets = {sample.labels["le"]: sample.value for sample in samples if sample.name.endswith("_bucket")}
    assert (buckets["0.05"], buckets["0.2"], buckets["0.4"], buckets["+Inf"]) == (1, 1, 3, 4)
    assert [sample.value for sample in samples if sample.name.endswith("_count")] == [4]


async def test_what_came_from_the_cache_costs_nothing_and_took_no_tokens():
    tally = Tally()
    tally.add(record(cached=True, cost=Decimal(0)))

    found = await shown(tally)

    assert values(found["poe_bots_requests"]) == {("Poet", "poe"): 1}
    assert values(found["poe_bots_tokens"]) == {}


async def test_nobody_can_make_ever_more_series():
    tally = Tally()
    for number in range(3000):
        facts = {"bot": f"bot {number}", "provider": f"p{number % 70}", "model": f"m{number}", "door": f"door {number}"}
        tally.add(failure(f"Error{number}", **facts))
    tally.add(record(bot="x" * 500))

    found = await shown(tally)

    labels = [sample.labels for family in found.values() for sample in family.samples]
    for name, most in {"bot": 101, "provider": 51, "model": 201, "error": 51, "door": 11}.items():
        assert len({label[name] for label in labels if name in label}) <= most
    assert ("other", "other") in values(found["poe_bots_requests"])


async def test_the_house_is_shown_as_it_is_now():
    board = Board()
    lane = board.lane("openai", "luna", "OPENAI_API_KEY", max_concurrent=1)
    board.lane("openai", "luna", "SECOND_KEY")
    board.take_out("groq", None, "maintenance")
    board.lane("groq", "fast")
    noted = lane.health.began()

    async with lane.gate.place("Poet", 1.0):
        found = await shown(Tally(), board)

    noted.ended()
    assert values(found["poe_bots_in_flight"])["openai", "luna"] == 1
    assert values(found["poe_bots_lanes"]) == {("openai", "luna", "closed"): 2, ("groq", "fast", "open"): 1}
    assert values(found["poe_bots_gate_inside"]) == {("openai",): 1}
    assert values(found["poe_bots_open_answers"]) == {(): 3}


async def test_every_metric_of_the_table_is_shown_under_its_name_and_nothing_else():
    found = await shown(Tally())

    assert {(name, family.type) for name, family in found.items()} == {(each.name, each.kind) for each in METRICS}


@pytest.mark.parametrize("variable", ["ADMIN_KEY", "METRICS_KEY"])
async def test_a_server_tells_what_it_did_to_whoever_has_one_of_the_keys(tmp_path, monkeypatch, variable):
    monkeypatch.setenv(variable, KEY)
    question = {"type": "query", "version": "1.2", "query": [{"role": "user", "content": "hello"}], "user_id": "u-ann"}

    async with serving(app_of(tmp_path, BOTS, PROVIDERS, ledger="off")) as address:
        async with httpx.AsyncClient(base_url=address) as client:
            await asyncio.gather(client.post("/Poet", json=question), client.post("/Lost", json=question))
            response = await client.get("/metrics", headers={"authorization": f"Bearer {KEY}"})
            usage = await client.get("/usage", headers={"authorization": f"Bearer {KEY}"})

    found = {family.name: family for family in text_string_to_metric_families(response.text)}
    assert response.status_code == 200
    assert values(found["poe_bots_requests"]) == {("Poet", "poe"): 1, ("Lost", "poe"): 1}
    assert ("broken", "large", "Unreachable") in values(found["poe_bots_failures"])
    assert usage.status_code == {"ADMIN_KEY": 503, "METRICS_KEY": 403}[variable]


async def test_open_metrics_is_spoken_where_it_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("METRICS_KEY", KEY)
    headers = {"authorization": f"Bearer {KEY}", "accept": "application/openmetrics-text; version=1.0.0"}

    async with serving(app_of(tmp_path, BOTS, PROVIDERS, ledger="off")) as address:
        async with httpx.AsyncClient(base_url=address) as client:
            response = await client.get("/metrics", headers=headers)

    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")


def names_in_the_dashboard() -> Iterator[str]:
    dashboard = json.loads((ROOT / "docs" / "grafana.json").read_text(encoding="utf-8"))
    texts = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    texts += [variable["query"] for variable in dashboard["templating"]["list"]]
    for text in texts:
        yield from re.findall(r"\bpoe_bots_\w+", text)


def test_the_dashboard_shows_every_metric_and_none_that_does_not_exist():
    histograms = {f"{each.name}_bucket" for each in METRICS if each.kind == "histogram"}
    known = {each.shown for each in METRICS if each.kind != "histogram"} | histograms

    assert set(names_in_the_dashboard()) == known


def test_the_dashboard_groups_by_labels_that_exist():
    dashboard = json.loads((ROOT / "docs" / "grafana.json").read_text(encoding="utf-8"))
    labels = {label for each in METRICS for label in each.labels} | {"le"}

    used = {
        name.strip()
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for group in [
            *re.findall(r"by \(([^)]*)\)", target["expr"]),
            ",".join(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])),
        ]
        for name in group.split(",")
        if name.strip()
    }

    assert used
    assert used <= labels


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_the_documentation_lists_every_metric_in_the_words_of_the_code(metric):
    page = (ROOT / "docs" / "usage.md").read_text(encoding="utf-8")
    labels = ", ".join(f"`{label}`" for label in metric.labels)

    row = f"| `{metric.shown}` | {metric.kind} | {labels} | {metric.says} |"

    assert row in page.splitlines(), f"docs/usage.md should have this line:\n{row}"
