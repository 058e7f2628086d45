"""An answer on its way: it is read beside whoever shows it, and hanging up stops the model."""

import time

import httpx
import pytest

from console.server import Away, KeyWanted, NotThere, Refused, Server, Trouble


def all_of(stream):
    events = []
    with stream:
        while not stream.is_over:
            events += stream.events(1)
    return events


def until(holds, seconds=10):
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_the_events_come_one_after_the_other(address):
    events = all_of(Server(address).stream("/chat", {"message": "/echo a b", "bot": "DemoBot"}))

    assert "".join(data.get("text", "") for _, data in events[:-1]) == "a b"
    assert events[-1][1]["done"]["text"] == "a b"


def test_the_events_of_poe_have_names(address):
    body = {"version": "1.2", "type": "query", "query": [{"role": "user", "content": "/echo hi"}]}

    events = all_of(Server(address).stream_as_poe("/DemoBot", body))

    assert [name for name, _ in events if name != "text"] == ["meta", "done"]


@pytest.mark.parametrize("question", ["/tokens 500 /slow 50", "/wait 60000 /tokens 1"])
def test_hanging_up_stops_the_model_also_before_the_first_word(address, question):
    def in_flight():
        targets = httpx.get(f"{address}/health").json()["targets"]
        return sum(target["in_flight"] for target in targets)

    with Server(address).stream("/chat", {"message": question, "bot": "DemoBot"}):
        until(lambda: in_flight() == 1)

    until(lambda: in_flight() == 0)


def test_an_answer_that_nobody_looks_at_any_more_is_stopped(address, monkeypatch):
    monkeypatch.setattr("console.server.stream._UNWATCHED_SECONDS", 0.2)
    stream = Server(address).stream("/chat", {"message": "/tokens 500 /slow 50", "bot": "DemoBot"})
    stream.events(5)

    def in_flight():
        return sum(each["in_flight"] for each in httpx.get(f"{address}/health").json()["targets"])

    until(lambda: in_flight() == 0)


def test_nobody_there_is_said_so():
    with pytest.raises(Away, match="no server at"):
        all_of(Server("http://127.0.0.1:9").stream("/chat", {}))


@pytest.mark.parametrize(
    ("path", "trouble"),
    [("/chat/conversations/none", NotThere), ("/admin/targets", KeyWanted), ("/chat/conversations?limit=x", Refused)],
)
def test_a_refusal_is_a_sentence_of_its_kind(address, path, trouble):
    with pytest.raises(trouble) as caught:
        Server(address, admin_key="wrong").read(path)

    assert str(caught.value)
    assert "wrong" not in str(caught.value).split("key is missing or")[0]


def test_no_redirect_takes_a_key_along(httpserver_of):
    with pytest.raises(Trouble):
        Server(httpserver_of("no json"), admin_key="k").read("/admin/targets")
