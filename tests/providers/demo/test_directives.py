"""What is understood as an order, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.providers.demo.directives import DIRECTIVES, Orders, Trouble, orders_in_message, orders_in_model


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/fail 503", Orders(trouble=Trouble("fail", 0, 503))),
        ("!fail 503", Orders(trouble=Trouble("fail", 0, 503))),
        ("/Fail 503", Orders(trouble=Trouble("fail", 0, 503))),
        ("/fail 429", Orders(trouble=Trouble("fail", 0, 429, 1))),
        ("/fail 429 7", Orders(trouble=Trouble("fail", 0, 429, 7))),
        ("/hang", Orders(trouble=Trouble("hang", 0))),
        ("/break 5", Orders(trouble=Trouble("break", 5))),
        ("/error-inside 2", Orders(trouble=Trouble("error-inside", 2))),
        ("/slow 200", Orders(token_ms=200)),
        ("/wait 3000", Orders(first_token_ms=3000)),
        ("/think 20", Orders(thoughts=20)),
        ("/tokens 100000", Orders(tokens=100_000)),
        ("/finish length", Orders(finish_reason="length")),
        ("/drip /crlf", Orders(quirks=frozenset({"drip", "crlf"}))),
        ("/call add", Orders(calls=(("add", "{}"),))),
        ('/call add {"a": {"b": 1} }', Orders(calls=(("add", '{"a": {"b": 1} }'),))),
        ('/call a {"x": 1} /call b {"y": 2}', Orders(calls=(("a", '{"x": 1}'), ("b", '{"y": 2}')))),
        ("/wait 10 /slow 20\n/think 3", Orders(first_token_ms=10, token_ms=20, thoughts=3)),
    ],
)
def test_an_order_is_read(text, expected):
    said, orders = orders_in_message(text, Orders())

    assert (said, orders) == ("", expected)


@pytest.mark.parametrize("name", [directive.name for directive in DIRECTIVES])
def test_every_order_is_understood_as_its_own_help_writes_it(name):
    directive = next(directive for directive in DIRECTIVES if directive.name == name)

    _, orders = orders_in_message(directive.form, Orders())

    assert not orders.complaint
    assert orders != Orders()


@pytest.mark.parametrize(
    "text", ["/fail lots", "/fail", "/fail 200", "/break", "/break -1", "/tokens 100001", "/wait 9999999", "/hang 5x"]
)
def test_nonsense_is_explained(text):
    name = text.split()[0]
    _, orders = orders_in_message(text, Orders())

    if name == "/hang":
        assert orders.trouble.name == "hang"
    else:
        assert name in orders.complaint
        assert orders == Orders(complaint=orders.complaint)


@pytest.mark.parametrize("text", ["what does /fail 503 do?", "/etc/passwd", "5 / 3", "!!", "// a comment", "/"])
def test_what_only_looks_like_an_order_is_conversation(text):
    assert orders_in_message(text, Orders()) == (text, Orders())


def test_an_unknown_order_is_only_complained_about_at_the_beginning():
    _, first = orders_in_message("/dance", Orders())
    said, later = orders_in_message("Look:\n/dance", Orders())

    assert "/dance" in first.complaint
    assert (said, later) == ("Look:\n/dance", Orders())


def test_what_stands_around_orders_is_still_said():
    said, orders = orders_in_message("Hello,\n/slow 5 my\nfriend", Orders())

    assert said == "Hello,\n my\nfriend"
    assert orders == Orders(token_ms=5)


def test_echo_takes_everything_behind_it():
    _, orders = orders_in_message("/wait 5 /echo /fail 503\n  ünï\u2028 \U0001f600 \n", Orders())

    assert orders == Orders(first_token_ms=5, echo="/fail 503\n  ünï\u2028 \U0001f600 \n")


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("demo", Orders()),
        ("gpt-fail-503", Orders()),
        ("demo-large", Orders()),
        ("demo-fail-429-7", Orders(trouble=Trouble("fail", 0, 429, 7))),
        ("demo-wait-100-tokens-50", Orders(first_token_ms=100, tokens=50)),
        ("demo-error-inside-3-json-body", Orders(trouble=Trouble("error-inside", 3), quirks=frozenset({"json-body"}))),
        ("demo-hang", Orders(trouble=Trouble("hang", 0))),
        ("demo-hangar", Orders()),
    ],
)
def test_a_model_orders_by_its_name(model, expected):
    assert orders_in_model(model) == expected


def test_nonsense_in_a_model_is_explained():
    assert "/fail" in orders_in_model("demo-fail-lots").complaint


def test_the_message_wins_over_the_model():
    _, orders = orders_in_message("/fail 500 /tokens 3", orders_in_model("demo-hang-tokens-5-slow-7"))

    assert orders == Orders(trouble=Trouble("fail", 0, 500), tokens=3, token_ms=7)


@given(st.text() | st.from_regex(r"[/!][a-z-]{1,12}( .{0,20}){0,3}"))
def test_no_text_is_too_strange(text):
    said, orders = orders_in_message(text, Orders())

    assert orders != Orders() or said == text.strip()


def test_calls_are_bounded():
    _, orders = orders_in_message("/call add " * 20, Orders())

    assert len(orders.calls) == 16


def test_deeply_nested_arguments_are_explained():
    _, orders = orders_in_message("/call add " + '{"a":' * 100_000, Orders())

    assert "/call" in orders.complaint
