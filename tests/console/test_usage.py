"""The page Usage, as its logic: what is asked of the ledger, what the numbers say, and what an empty one says."""

import json
from pathlib import Path

import httpx
import pytest
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df

from tests.apps import app_of
from tests.console.books import kept, record
from tests.console.conftest import ADMIN_KEY, BOTS, PROVIDERS
from tests.console.showing import button, buttons, everything, open_page, option, say
from utils.cli.local_server import serving_in_background

BUDGETED = "bots: [{bot_name: Poet, provider: demo, budget: [{usd: 1, per: day}, {tokens: 500000, per: month}]}]"


@pytest.fixture
def usage_of(tmp_path: Path, monkeypatch, console_at):
    """Opens the page for a server in whose ledger these records are."""
    monkeypatch.setenv("ADMIN_KEY", ADMIN_KEY)
    servers = []

    def opened(*records, bots=BOTS, key=ADMIN_KEY, **settings):
        file = kept(tmp_path / "ledger.db", records)
        app = app_of(tmp_path, bots, PROVIDERS, **{"ledger": "sqlite", "ledger_file": file, **settings})
        servers.append(serving_in_background(app))
        return open_page(console_at(servers[-1].__enter__(), ADMIN_KEY=key), "usage")

    yield opened
    for server in servers:
        server.__exit__(None, None, None)


def chosen(console, label, name):
    """Choose in a row of buttons."""
    return next(each for each in console.button_group if each.label == label).set_value(name).run()


def metric(console, name):
    return next(each for each in console.metric if each.label.endswith(name))


def plots(console):
    """How each is to be drawn."""
    return [json.loads(each.proto.spec) for each in console.get("vega_lite_chart")]


def drawn(console):
    """What there is to be drawn in the only one."""
    [plot] = console.get("vega_lite_chart")
    [data] = [plot.proto.data, *(named.data for named in plot.proto.datasets)][-1:]
    return convert_arrow_bytes_to_pandas_df(data.data).to_dict("records")


def table(console):
    return console.dataframe[0].value


def test_an_empty_ledger_says_what_to_do(usage_of):
    console = usage_of()

    assert "Nothing to show yet" in everything(console)
    assert "Ask something" in buttons(console)
    assert not console.exception


def test_the_numbers_are_those_of_these_days_and_compare_with_those_before(usage_of):
    console = usage_of(
        record(),
        record(days_ago=2, input_tokens=3_000, output_tokens=0),
        record(days_ago=40, cost="0.10"),
        record(days_ago=200),
    )

    assert (metric(console, "Money").value, metric(console, "Money").delta) == (r"\$0\.50", "+400%")
    assert (metric(console, "Requests").value, metric(console, "Tokens").value) == ("2", r"4\,000".replace("\\", ""))
    assert metric(console, "Failed attempts").value == "0%"
    assert "30 days before" in everything(console)


def test_what_nobody_knows_the_price_of_is_not_called_free(usage_of):
    console = usage_of(record(), record(cost=None))

    assert metric(console, "Money").value.replace("\\", "") == "$0.25 + ?"
    assert "1 attempt cost nobody knows" in everything(console)
    assert list(table(console)["Price unknown"]) == [1]


def test_the_plot_has_a_unit_and_every_day_of_every_bot(usage_of):
    console = usage_of(record(), record(days_ago=3, bot="Sage", cost="0.75"))

    [plot] = plots(console)
    assert plot["encoding"]["y"]["title"] == "US dollars a day"
    assert len({(row["day"], row["group"]) for row in drawn(console)}) == 2 * 30
    assert sorted(row["value"] for row in drawn(console) if row["value"]) == [0.25, 0.75]


@pytest.mark.parametrize(
    ("cost", "written"), [("1.80", "$,.2f"), ("0.90", "$,.2f"), ("0.004", "$,.4f"), ("900", "$,.0f")]
)
def test_money_at_an_axis_is_written_as_money_is(usage_of, cost, written):
    [plot] = plots(usage_of(record(cost=cost)))

    assert plot["encoding"]["y"]["axis"]["format"] == written


def test_a_day_stands_below_its_bar(usage_of):
    [plot] = plots(usage_of(record(), record(days_ago=3)))

    assert plot["encoding"]["x"]["type"] == "ordinal"


def test_more_than_five_bots_are_drawn_as_five_and_the_others(usage_of):
    console = usage_of(*(record(bot=f"Bot{number}", cost=f"0.0{number}", days_ago=1) for number in range(1, 8)))

    [plot] = plots(console)
    names = plot["encoding"]["color"]["scale"]["domain"]
    assert names == ["Bot7", "Bot6", "Bot5", "Bot4", "Bot3", "all others"]
    others = [row["value"] for row in drawn(console) if row["group"] == "all others"]
    assert others == [pytest.approx(0.03)]


@pytest.mark.parametrize(
    ("by", "names"),
    [("bot", {"Poet", "no bot, a model"}), ("model", {"demo / demo", "groq / llama"}), ("user", {"ann", "bob"})],
)
def test_answers_are_told_apart_by_what_one_chooses(usage_of, by, names):
    console = usage_of(record(), record(bot="", provider="groq", model="llama", user="bob"))

    chosen(console, "Told apart by", by)

    assert set(table(console).iloc[:, 0]) == names


def test_one_day_is_a_bar_for_each_bot(usage_of):
    console = usage_of(record(), record(bot="Sage", cost="0.75"))

    chosen(console, "Days", "Today")

    assert [(row["group"], row["value"]) for row in drawn(console)] == [("Sage", 0.75), ("Poet", 0.25)]


def test_what_the_cache_has_saved_is_money_or_a_hint(usage_of):
    console = usage_of(record(), record(cost="0", cost_source="cache", cached=True))
    assert metric(console, "Cache savings").value.replace("\\", "") == "$0.25"

    chosen(console, "Measure", "Cache savings")

    assert plots(console)[0]["encoding"]["y"]["title"] == "US dollars saved a day"


def test_a_cache_that_saved_nothing_says_how_to_have_one(usage_of):
    console = chosen(usage_of(record()), "Measure", "Cache savings")

    assert "`cache: {ttl: 1h}`" in everything(console)


def test_one_bot_alone(usage_of):
    console = usage_of(record(), record(bot="Sage", cost="0.75"))

    option(console, "Of", "Bot: Sage")

    assert metric(console, "Money").value.replace("\\", "") == "$0.75"


def test_failures_lead_to_the_requests_that_nobody_has_answered_and_to_those_that_were_rescued(usage_of):
    failed = {"outcome": "failed", "cost": "0", "first_content": None}
    rescued = record(error="Overloaded", reference="a1", **failed), record(reference="a1", attempt=2)
    console = usage_of(*rescued, record(reference="b2"), record(error="KeyMissing", reference="c3", **failed))
    assert any("overloaded" in each.proto.text for each in console.get("progress"))

    button(console, "See the failed requests").click().run()
    [line] = [each.label for each in console.expander if "Poet" in each.label]
    assert "key missing" in line

    chosen(console, "Which", "Rescued")
    [line] = [each.label for each in console.expander if "Poet" in each.label]
    assert "2 attempts" in line
    assert "overloaded" in line


def test_who_was_refused_is_found_and_is_no_failure(usage_of):
    spent = {"outcome": "refused", "error": "BudgetSpent", "cost": "0", "first_content": None}
    console = usage_of(record(reference="a1", **spent), record(reference="b2"))
    console.session_state["usage_view"] = "Requests"
    console.run()

    chosen(console, "Which", "Refused")
    [line] = [each.label for each in console.expander if "Poet" in each.label]
    assert "budget spent" in line

    chosen(console, "Which", "Failed")
    assert not [each for each in console.expander if "Poet" in each.label]


def test_a_day_on_which_all_was_rescued_has_none_that_failed(usage_of):
    failed = record(outcome="failed", error="Overloaded", cost="0", reference="a1", first_content=None)
    console = usage_of(failed, record(reference="a1", attempt=2))

    button(console, "See the failed requests").click().run()

    assert "Every request was answered" in everything(console)


def test_an_opened_request_shows_what_each_attempt_did_when(usage_of):
    first = record(outcome="failed", error="Overloaded", cost="0", reference="a1", first_content=None, seconds=1.0)
    second = record(reference="a1", attempt=2, first_content=0.5, seconds=2.0)
    console = usage_of(first, second)
    console.session_state["usage_view"] = "Requests"
    console.session_state["usage_request_a1"] = True

    console.run()

    [plot] = plots(console)
    phases = {row["phase"] for row in drawn(console)}
    assert phases == {"in vain", "waiting", "answering"}
    assert min(row["begin"] for row in drawn(console)) == 0
    assert plot["encoding"]["x"]["title"] == "Seconds since the question"
    assert "`a1`" in everything(console)


def test_budgets_say_how_much_is_used_up(usage_of):
    console = usage_of(bots=BUDGETED)
    httpx.post(f"{console.session_state['_server'].address}/chat", json={"message": "/tokens 50", "bot": "Poet"})

    console = chosen(console, "View", "Budgets")

    bars = [each.proto.text for each in console.get("progress")]
    assert any("of $1.00 today" in bar.replace("\\", "") for bar in bars)
    assert any("of 500k tokens this month" in bar.replace("\\", "") for bar in bars)


def test_without_budgets_an_example_says_how_to_have_one(usage_of):
    console = chosen(usage_of(), "View", "Budgets")

    assert "No budgets yet" in everything(console)
    assert "budget:" in console.code[0].value


def test_variants_are_told_apart_only_where_it_is_no_accident(usage_of):
    quick = [record(variant="a", first_content=0.2 + number / 1000) for number in range(40)]
    slow = [record(variant="b", first_content=2.0 + number / 1000) for number in range(40)]
    console = chosen(usage_of(*quick, *slow), "View", "A/B tests")

    assert "**a** begins sooner than b" in everything(console)
    assert "fails less often" not in everything(console)
    assert len(plots(console)) == 4


def test_one_request_of_a_variant_is_one(usage_of):
    asked = [record(variant=name, reference=f"{name}{number}") for name, number in ("a1", "b1", "b2")]
    console = chosen(usage_of(*asked), "View", "A/B tests")

    assert "a: 1 request · b: 2 requests" in [each.value for each in console.caption]


def test_without_a_test_an_example_says_how_to_make_one(usage_of):
    console = chosen(usage_of(record()), "View", "A/B tests")

    assert "split:" in console.code[0].value


@pytest.mark.parametrize("view", ["Overview", "Requests"])
def test_a_server_without_records_says_how_to_keep_them(usage_of, view):
    console = chosen(usage_of(ledger="off"), "View", view)

    assert "LEDGER=sqlite" in everything(console)
    assert not console.exception


def test_without_the_admin_key_it_is_asked_for(usage_of):
    console = usage_of(record(), key="")

    assert "A key is needed" in everything(console)
    assert "admin key" in everything(console)


def test_what_was_asked_just_now_is_there_when_one_comes_back(usage_of):
    console = usage_of(record())
    say(open_page(console, ""), "/echo hi")
    address = console.session_state["_server"].address
    _until_written(address, 2)

    console = open_page(console, "usage")

    assert metric(console, "Requests").value == "2"


def test_names_are_no_markup(usage_of):
    name = "<b>*x*</b> ![p](https://evil.example/p.png)"
    console = usage_of(record(model=name), record(outcome="failed", error="*Bad*", model=name, reference="a1"))

    chosen(console, "Told apart by", "model")
    bars = [each.proto.text for each in console.get("progress")]
    chosen(console, "View", "Requests")

    assert any(r"\*Bad\*" in bar for bar in bars)
    assert "![p](" not in everything(console) + "".join(each.label for each in console.expander)


def _until_written(address: str, requests: int) -> None:
    headers = {"authorization": f"Bearer {ADMIN_KEY}"}
    for _ in range(200):
        if httpx.get(f"{address}/usage", headers=headers).json()["total"]["requests"] == requests:
            return
    raise AssertionError("the ledger did not write it down")
