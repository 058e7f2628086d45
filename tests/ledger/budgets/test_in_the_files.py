"""What the files say of budgets, through the door of Poe."""

import json

import pytest

from tests.apps import app_of, upstream_provider
from tests.registry.files import bots_of, messages, providers_of
from tests.routing.test_routes import ask
from tests.serving import serving
from tests.test_docs import blocks, rows
from utils.providers.demo.server import demo_app
from utils.registry import BotConfigRegistry
from utils.registry.budget_config import BudgetConfig
from utils.settings import ROOT

PAGE = (ROOT / "docs" / "budgets.md").read_text(encoding="utf-8")
DEMO = "providers: [{name: demo, kind: demo, models: [{name: demo, price: {input: 0, output: 1000}}]%s}]"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("{usd: 0}", "`budget.0.usd` should be greater than 0."),
        ("{usd: 5, scoop: user}", "`scoop` is not a known key. Did you mean `scope`?"),
        ("5", "`budget`: should be a mapping such as `{usd: 5, per: day}`, or a list of such."),
        ("{per: day}", "should say how much may be spent, such as `{usd: 5, per: day}`"),
        ("[{usd: 1}, {usd: 2}]", "has two budgets per day of scope `bot`; keep one of them."),
        ("[{usd: 1}, {usd: 2, per: week}]", "`budget.1.per` should be 'day' or 'month'."),
    ],
)
def test_a_mistake_is_named_with_its_place(said, message, tmp_path):
    bots = f"bots:\n  - bot_name: A\n    provider: openai\n    budget: {said}\n"

    [told] = messages(bots_of(bots, tmp_path))

    assert told.startswith("bots.yaml:4: bot `A`: ")
    assert message in told


def test_in_the_entry_of_a_provider_the_budget_is_the_providers(tmp_path):
    text = "providers:\n  - {name: a, api_base: https://a.example, budget: {usd: 5}}\n"
    wrong = text.replace("usd: 5", "usd: 5, scope: all")

    assert providers_of(text, tmp_path)["a"].budget[0].scope == "provider"
    assert "write one of `provider`, `user`, `bot`" in messages(providers_of(wrong, tmp_path))[0]


async def test_a_bot_answers_until_its_budget_is_used_up(tmp_path):
    bots = "bots: [{bot_name: Bot, provider: demo, budget: {usd: 0.001}}]"

    async with serving(app_of(tmp_path, bots, DEMO % "")) as address:
        answered = await ask(address, "/wait 0 /tokens 3")
        refused = await ask(address, "/wait 0 /tokens 3", language_code="de")

    assert "error" not in dict(answered)
    error = json.loads(dict(refused)["error"])
    assert "Das Budget für Antworten ist aufgebraucht." in error["text"]
    assert "00:00 UTC" in error["text"]
    assert error["allow_retry"] is False


async def test_where_the_budget_of_one_provider_is_used_up_the_next_one_answers(tmp_path):
    bots = "bots: [{bot_name: Bot, provider: first, fallbacks: [second]}]"

    async with serving(demo_app(tokens=3)) as one, serving(demo_app(tokens=3)) as two:
        providers = (
            f"providers: [{{name: first, api_base: {one}/v1, models: [m], budget: {{tokens: 1}}}},"
            f" {{name: second, api_base: {two}/v1, models: [m]}}]"
        )
        app = app_of(tmp_path, bots, providers)
        async with serving(app) as address:
            answers = [await ask(address, "Tell me") for _ in range(3)]

    assert all("error" not in dict(events) and "text" in dict(events) for events in answers)


async def test_an_answer_from_the_cache_reserves_nothing(tmp_path):
    bots = "bots: [{bot_name: Bot, provider: upstream, cache: {ttl: 1h}, budget: {tokens: 1}}]"
    upstream = demo_app(tokens=3)

    async with serving(upstream) as model, serving(app_of(tmp_path, bots, upstream_provider(model))) as address:
        answers = [await ask(address, "/tokens 20") for _ in range(3)]
        other = await ask(address, "/tokens 21")

    assert answers[0] == answers[1] == answers[2]
    assert "error" not in dict(answers[0])
    assert "error" in dict(other)
    assert len(upstream.state.requests) == 1


@pytest.mark.parametrize("row", [*rows(BudgetConfig)])
def test_the_page_on_budgets_has_every_field_in_the_words_of_the_code(row):
    assert row in PAGE.splitlines(), f"docs/budgets.md should have this line:\n{row}"


@pytest.mark.parametrize("snippet", blocks(PAGE, "yaml"))
def test_the_snippets_of_the_page_load(snippet, tmp_path):
    if snippet.startswith("providers:"):
        assert messages(providers_of(snippet, tmp_path)) == []
    else:
        found: BotConfigRegistry = bots_of(snippet, tmp_path)
        assert messages(found) == []
        assert all(bot.budget for bot in found.values())
