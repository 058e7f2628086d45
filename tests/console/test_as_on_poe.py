"""The switch *As on Poe*: the console plays Poe."""

from tests.apps import app_of
from tests.console.conftest import PROVIDERS
from tests.console.showing import button, buttons, everything, option, say
from utils.cli.local_server import serving_in_background


def on_poe(console, bot="Host"):
    option(console, "Bot", bot)
    next(each for each in console.toggle if each.label == "As on Poe").set_value(True).run()
    return console


def test_the_bot_greets_as_it_does_on_poe(address, console_at):
    console = on_poe(console_at(address))

    assert "What shall **we** do?" in everything(console)
    assert "![" not in everything(console)


def test_a_bot_in_python_is_talked_to_as_on_poe_with_one_click(tmp_path, console_at):
    providers = "providers: [{name: one, kind: demo, models: [demo]}, {name: two, kind: demo, models: [demo]}]"
    app = app_of(tmp_path, "bots: [{bot_name: Zoe, provider: one, model: demo}]", providers, code_bots="bots")
    with serving_in_background(app) as address:
        console = console_at(address)
        assert next(each for each in console.selectbox if each.label == "Bot").value == "Zoe"

        option(console, "Bot", "SecondOpinion")
        assert {"Look again"}.isdisjoint(buttons(console))
        button(console, "Talk to it as on Poe").click().run()

        say(console, "/echo hi")
        assert "hi" in everything(console)
        assert not console.chat_input[0].proto.disabled


def test_a_bot_in_python_is_not_whom_a_newcomer_finds(tmp_path, console_at):
    app = app_of(tmp_path, "bots: [{bot_name: Locked, provider: keyed}]", PROVIDERS, code_bots="bots")
    with serving_in_background(app) as address:
        console = console_at(address)

    assert next(each for each in console.selectbox if each.label == "Bot").value == "Locked"


def test_the_controls_are_shown_and_follow_their_conditions(address, console_at):
    console = on_poe(console_at(address))
    assert "A happy end" in [each.label for each in console.toggle]

    option(console, "For whom", "adults")

    assert "A happy end" not in [each.label for each in console.toggle]
    assert [each.label for each in console.slider] == ["Temperature"]


def test_what_is_set_goes_along_with_the_question(address, console_at):
    console = option(on_poe(console_at(address)), "For whom", "adults")

    say(console, "/echo hi")

    [exchange] = console.session_state["chat_poe_talks"]["Host"].exchanges
    assert exchange.parameters["audience"] == "adults"
    assert exchange.answer.text == "hi"


def test_a_suggested_reply_is_a_button(address, console_at):
    console = say(on_poe(console_at(address)), "/echo hi")

    button(console, "Tell me more").click().run()

    questions = [each.question for each in console.session_state["chat_poe_talks"]["Host"].exchanges]
    assert questions == ["/echo hi", "Tell me more"]


def test_an_answer_can_be_asked_for_again(address, console_at):
    console = say(on_poe(console_at(address)), "/echo hi")

    button(console, "Answer again").click().run()

    [exchange] = console.session_state["chat_poe_talks"]["Host"].exchanges
    assert exchange.answer.text == "hi"


def test_an_error_is_the_sentence_that_people_read(address, console_at):
    console = say(on_poe(console_at(address), "DemoBot"), "/fail 503")

    assert "Reference" in everything(console)
    assert not console.exception
    assert "Answer again" in buttons(console)
