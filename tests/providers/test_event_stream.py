from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.errors import BrokenStream
from utils.providers.event_stream import DONE, EventStream

# Python sees the end of a line in most of these.
STRANGE = "\u2028\u2029\x85\x1c\x1d\x1e\x0b\x0c😀é\ufeff: data"
payloads = st.lists(st.text(st.sampled_from(STRANGE) | st.characters(exclude_characters="\r\n", codec="utf-8")))
between = st.lists(
    st.sampled_from(["", "", ": ping", ":", "event: message", "id: 7", "retry: 10", "dat", "x: data: 1"])
)


def fed(stream: EventStream, chunks: Iterable[bytes]) -> list[bytes]:
    return [data for chunk in chunks for data in stream.feed(chunk)] + stream.end()


def cut(body: bytes, places: Iterable[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[begin:end] for begin, end in pairwise(edges)]


@given(payloads, st.data())
def test_any_cut_of_any_stream_gives_exactly_the_payloads(payloads, data):
    quoted = [f'"{payload}"' for payload in payloads]
    lines = [line for payload in quoted for line in (f"data: {payload}", *data.draw(between))]
    body = data.draw(st.sampled_from(["\n", "\r\n"])).join([*data.draw(between), *lines, ""]).encode()

    events = fed(EventStream(), cut(body, data.draw(st.lists(st.integers(0)))))

    assert events == [payload.encode() for payload in quoted]


def test_byte_by_byte_is_the_same_as_at_once():
    body = 'data: {"a":"\u2028"}\r\n\r\n: ping\r\n\r\ndata: [DONE]\r\n\r\n'.encode()

    assert fed(EventStream(), (bytes([byte]) for byte in body)) == EventStream().feed(body)


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (b"data: 1\n\ndata: 2\n\n", [b"1", b"2"]),
        (b"data: 1\ndata: 2\n", [b"1", b"2"]),
        (b"data:1\n\ndata:  2  \n\n", [b"1", b"2"]),
        (b"data: 1\n\n\n\n\ndata: 2\n\n", [b"1", b"2"]),
        (b"data: 1\r\n\r\ndata: 2\n\n", [b"1", b"2"]),
        (b"data:\n\ndata: \n\ndata: 1\n\n", [b"1"]),
        (b": data: no\nevent: data: no\ndata: yes\n\n", [b"yes"]),
        (b"data: [DONE]\n\n", [DONE]),
        (b"", []),
    ],
)
def test_a_data_line_is_an_event(body, events):
    assert EventStream().feed(body) == events


def test_a_last_line_without_its_end_is_not_lost():
    stream = EventStream()

    complete = stream.feed(b"data: 1\n\ndata: 2")

    assert (complete, stream.end(), stream.end()) == ([b"1"], [b"2"], [])


def test_an_endless_line_is_given_up():
    with pytest.raises(BrokenStream, match="longer than"):
        fed(EventStream(), [b"x" * 1024 * 1024] * 17)


@pytest.mark.parametrize("line", [b"data: 1", b": ping", b"event: message", b"id: 1", b"retry: 10", b"data:"])
def test_one_line_of_the_format_shows_that_it_is_an_event_stream(line):
    stream = EventStream()

    stream.feed(b"\n" + line + b"\n")

    assert stream.is_one


@pytest.mark.parametrize(
    "body", [b"", b"<!doctype html>\n<p>data: none</p>\n", b'{\n"error": "data: none"\n}\n', b"\n\n\n", b"\xff\xfe\n"]
)
def test_what_is_no_event_stream_is_kept_to_be_told(body):
    stream = EventStream()

    events = fed(stream, (body[:5], body[5:]))

    assert (events, stream.is_one, stream.beginning) == ([], False, body)


def test_only_the_beginning_of_what_is_no_event_stream_is_kept():
    stream = EventStream()

    fed(stream, [b"<p>" + b"a" * 1500, b"b" * 1500, b"c" * 1500])

    assert stream.beginning == b"<p>" + b"a" * 1500 + b"b" * 497


def test_a_byte_order_mark_is_overlooked():
    assert EventStream().feed(b"\xef\xbb\xbfdata: 1\n\n") == [b"1"]
