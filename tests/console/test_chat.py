"""The page Chat, as its logic: who can be asked, what is sent, what is shown, what is kept."""

import base64
import re

import httpx
import pytest

from console.chat.choosing import Choice
from console.chat.talk import Talk, ask
from console.server import Server
from console.server.cards import Takes
from tests.apps import app_of
from tests.console.showing import button, buttons, everything, option, say
from utils.cli.local_server import serving_in_background

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def test_a_newcomer_can_ask_at_once(address, console_at):
    console = say(console_at(address), "/echo Hello **you**!")

    assert "Hello **you**!" in [each.value for each in console.markdown]
    assert "demo / demo" in everything(console).replace("\\", "")


def test_an_empty_chat_says_what_one_could_ask(address, console_at):
    console = button(console_at(address), "Show me a table").click().run()

    assert "Neptune" in everything(console)


def test_a_bot_that_is_not_ready_says_why_and_what_to_do(address, console_at):
    console = option(console_at(address), "Bot", "Locked")

    assert "WORKSHOP_API_KEY is not set" in everything(console).replace("\\", "")
    assert "keys set WORKSHOP_API_KEY" in everything(console)
    assert console.chat_input[0].proto.disabled


def test_the_models_are_those_of_the_provider(address, console_at):
    console = console_at(address)
    console.button_group[0].set_value("A model").run()

    option(console, "Provider", "keyed")

    models = next(each for each in console.selectbox if each.label == "Model")
    assert [name.partition(" ")[0] for name in models.options] == ["large", "small"]
    assert "WORKSHOP_API_KEY is not set" in everything(console).replace("\\", "")


def test_a_model_is_asked_with_what_was_set(address, console_at):
    console = console_at(address)
    console.button_group[0].set_value("A model").run()
    next(each for each in console.number_input if "Longest" in each.label).set_value(2).run()

    say(console, "/tokens 9")

    assert "cut at the longest length" in everything(console)


def test_thinking_folds_away(address, console_at):
    console = say(console_at(address), "/think 5")

    assert "Thinking" in [each.label.split(":")[-1].strip() for each in console.expander]


def test_an_answer_that_somebody_else_gave_tells_of_the_attempts(address, console_at):
    console = option(console_at(address), "Bot", "Steady")

    say(console, "/echo in the end")

    assert "in the end" in everything(console)
    assert any("2 attempts were made" in each.label for each in console.expander)
    assert "broken" in everything(console)


def test_a_failure_is_a_sentence_and_the_page_goes_on(address, console_at):
    console = say(console_at(address), "/fail 503")

    assert console.warning
    assert not console.exception
    assert "back again" in everything(say(console, "/echo back again"))


def test_an_answer_can_be_asked_for_again(address, console_at):
    console = say(console_at(address), "How many messages?")

    button(console, "Answer again").click().run()

    kept = httpx.get(f"{address}/chat/conversations").json()["conversations"]
    messages = httpx.get(f"{address}/chat/conversations/{kept[0]['id']}").json()["messages"]
    assert [each["role"] for each in messages] == ["user", "assistant"]
    assert not console.warning


def read(talk, until):
    while talk.live is not None and not talk.live.is_over and not until():
        for name, data in talk.live.events(1):
            talk.take(name, data)


def test_an_answer_that_was_stopped_is_gone_on_with(address):
    server, talk, choice = Server(address), Talk(), Choice("DemoBot", {"bot": "DemoBot"}, Takes())
    ask(server, talk, choice, "/tokens 900 /slow 50")
    read(talk, until=lambda: talk.id is not None)
    talk.stop()
    place = f"{address}/chat/conversations/{talk.id}"
    while httpx.get(place).status_code == 404:
        pass

    ask(server, talk, choice, "/echo and on it goes")
    read(talk, until=lambda: False)

    messages = httpx.get(place).json()["messages"]
    assert [each.get("finish_reason") for each in messages] == [None, "cut", None, "stop"]
    assert talk.exchanges[-1].answer.text == "and on it goes"


def test_of_an_answer_that_was_stopped_the_numbers_come_from_what_the_server_has_kept(address):
    server, talk, choice = Server(address), Talk(), Choice("DemoBot", {"bot": "DemoBot"}, Takes())
    ask(server, talk, choice, "/tokens 900 /slow 50")
    read(talk, until=lambda: len(talk.exchanges[-1].answer.text) > 10)

    talk.stop()
    at_once = talk.exchanges[-1].answer.details
    talk.catch_up(server)

    assert at_once.bot == "DemoBot"
    assert at_once.provider is None
    assert 0 < at_once.first_content < at_once.seconds
    known = talk.exchanges[-1].answer.details
    assert (known.provider, known.model, known.finish_reason) == ("demo", "demo", "cut")
    assert known.reference


def test_an_answer_that_was_stopped_before_its_first_word_says_whom_it_was_asked_of(address):
    server, talk = Server(address), Talk()
    ask(server, talk, Choice("demo", {"provider": "demo", "model": "demo"}, Takes()), "/tokens 9 /slow 5000")

    talk.stop()
    talk.catch_up(server)

    known = talk.exchanges[-1].answer.details
    assert (known.provider, known.model, known.first_content, known.cost) == ("demo", "demo", None, None)
    assert known.seconds is not None


def test_a_failure_says_who_was_asked_and_how_long_it_took(address, console_at):
    console = say(console_at(address), "/fail 503")

    assert any(re.search(r"\*\*demo \\/ demo\*\* · .* in all", each.value) for each in console.caption)


def test_a_failure_tells_of_all_who_were_asked_in_vain(address, console_at):
    console = say(option(console_at(address), "Bot", "Vain"), "hi")

    assert console.warning
    assert [each.label for each in console.expander if "2 attempts were made" in each.label]
    assert "**broken \\/ demo\\-fail\\-429**: rate limited after" in everything(console)


def test_who_was_refused_is_told_of_no_attempt(tmp_path, console_at):
    bots = "bots: [{bot_name: Poor, provider: demo, budget: {tokens: 1, per: day}}]"
    with serving_in_background(app_of(tmp_path, bots, ledger="sqlite", ledger_file=tmp_path / "ledger.db")) as address:
        console = console_at(address)
        while not console.warning:
            say(console, "/tokens 5")

        assert "budget" in console.warning[0].value
        assert "was made" not in everything(console)
        assert not [each for each in console.expander if "made" in each.label]


def test_a_conversation_that_is_opened_again_tells_of_its_attempts(address, console_at):
    assert httpx.post(f"{address}/chat", json={"message": "/echo of whales", "bot": "Steady"}).status_code == 200

    console = console_at(address)
    next(each for each in console.button if "whales" in each.label).click().run()

    assert [each.label for each in console.expander if "2 attempts were made" in each.label]


def test_pictures_of_a_kept_conversation_are_shown_and_damaged_ones_spoil_nothing(address, console_at):
    good = "data:image/png;base64," + base64.b64encode(PIXEL).decode()
    asked = {"message": "/echo of whales", "images": [good, "data:image/png;base64,AAAA"], "provider": "seeing"}
    assert httpx.post(f"{address}/chat", json=asked).status_code == 200

    console = console_at(address)
    next(each for each in console.button if "whales" in each.label).click().run()

    assert len(console.get("image")) + len(console.get("imgs")) == 1
    assert "cannot be shown" in everything(console)
    assert not console.exception


def test_conversations_are_kept_listed_and_opened(address, console_at):
    first = say(console_at(address), "/echo of whales")
    button(first, "New chat").click().run()
    say(first, "/echo of ants")

    console = console_at(address)
    assert {"of whales", "of ants"} <= {name.replace("\\", "").removeprefix("/echo ") for name in buttons(console)}
    next(each for each in console.button if "whales" in each.label).click().run()

    assert "of whales" in [each.value for each in console.markdown]
    say(console, "/echo and more")
    assert len(httpx.get(f"{address}/chat/conversations").json()["conversations"]) == 2


def chosen(console, label):
    return next(each.value for each in console.selectbox if each.label == label)


def test_a_conversation_is_gone_on_with_by_the_model_that_has_answered_in_it(address, console_at):
    asked = {"message": "/echo of whales", "provider": "demo", "model": "demo-think-3"}
    assert httpx.post(f"{address}/chat", json=asked).status_code == 200

    console = console_at(address)
    next(each for each in console.button if "whales" in each.label).click().run()

    assert (console.button_group[0].value, chosen(console, "Provider")) == ("A model", "demo")
    say(console, "/echo and more")
    [kept] = httpx.get(f"{address}/chat/conversations").json()["conversations"]
    assert kept["asked"] == "demo:demo-think-3"


def test_a_conversation_is_gone_on_with_by_the_bot_that_has_answered_in_it(address, console_at):
    assert httpx.post(f"{address}/chat", json={"message": "/echo of whales", "bot": "Steady"}).status_code == 200
    console = console_at(address)
    console.button_group[0].set_value("A model").run()

    next(each for each in console.button if "whales" in each.label).click().run()

    assert (console.button_group[0].value, chosen(console, "Bot")) == ("A bot", "Steady")


def test_who_has_answered_before_and_is_gone_is_named(tmp_path, console_at):
    places = {"ledger": "sqlite", "ledger_file": tmp_path / "ledger.db"}
    bots = "bots: [{bot_name: Poet, provider: demo}]"
    with serving_in_background(app_of(tmp_path, bots.replace("Poet", "Late"), **places)) as before:
        assert httpx.post(f"{before}/chat", json={"message": "/echo of whales", "bot": "Late"}).status_code == 200

    with serving_in_background(app_of(tmp_path, bots, **places)) as address:
        console = console_at(address)
        next(each for each in console.button if "whales" in each.label).click().run()

        assert "Late has answered here so far, and is not there any more: Poet goes on" in everything(console)
        assert "not there any more" not in everything(say(console, "/echo and more"))


def test_the_address_opens_the_conversation_again(address, console_at):
    console = say(console_at(address), "/echo of whales")
    named = console.query_params["conversation"]

    after_a_reload = console_at(address)
    after_a_reload.query_params["conversation"] = named
    after_a_reload.run()

    assert "of whales" in [each.value for each in after_a_reload.markdown]
    assert "conversation" not in button(after_a_reload, "New chat").click().run().query_params


@pytest.mark.parametrize("named", ["long-gone", "../../providers", "..", "?limit=1", "a/b", ""])
def test_an_address_of_a_conversation_that_is_gone_is_a_new_chat_that_says_so(address, console_at, named):
    console = console_at(address)

    console.query_params["conversation"] = named
    console.run()

    assert "not there any more" in console.toast[0].value
    assert "conversation" not in console.query_params
    assert button(console, "What can you do?")


def test_conversations_are_searched(address, console_at):
    console = say(console_at(address), "/echo of whales")
    button(console, "New chat").click().run()
    say(console, "/echo of ants")

    next(each for each in console.text_input if each.label == "Search").set_value("whales").run()

    listed = [each.label for each in console.button if each.key and each.key.startswith("chat_open_")]
    assert len(listed) == 1
    assert "whales" in listed[0]


def test_a_conversation_is_renamed(address, console_at):
    console = say(console_at(address), "/echo hello")

    next(each for each in console.text_input if each.label == "Name").set_value("About *ants*")
    button(console, "Rename").click().run()

    assert httpx.get(f"{address}/chat/conversations").json()["conversations"][0]["title"] == "About *ants*"
    assert r"About \*ants\*" in buttons(console)


def test_a_conversation_is_deleted_only_when_asked_twice(address, console_at):
    console = say(console_at(address), "/echo hello")

    button(console, "Delete…").click().run()
    assert httpx.get(f"{address}/chat/conversations").json()["conversations"]
    button(console, "Delete").click().run()

    assert httpx.get(f"{address}/chat/conversations").json()["conversations"] == []


def test_a_server_that_is_away_is_a_friendly_page(console_at):
    console = console_at("http://127.0.0.1:9")

    assert not console.exception
    assert "The server is away" in everything(console)
    assert button(console, "Try again")


def test_a_server_that_is_no_bot_server_is_a_friendly_page(console_at, httpserver_of):
    console = console_at(httpserver_of("<html>a web page</html>"))

    assert not console.exception
    assert "not a bot server" in everything(console)


def test_what_is_wrong_with_the_server_is_told_beside_its_name(tmp_path, console_at):
    app = app_of(tmp_path, "bots: [{bot_name: Poet, provider: demo}, {bot_name: Lost, provider: nowhere}]")
    with serving_in_background(app) as address:
        console = console_at(address)

    assert any("has problems" in each.label for each in console.expander)
    assert "`nowhere`" in everything(console)
