import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.poe.doctor.event_stream import Event, EventStream


def read(*chunks):
    stream = EventStream()
    events = [event for chunk in chunks for event in stream.feed(chunk)]
    return [*events, *stream.end()], stream.violations


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
EVENTS = st.lists(st.tuples(st.sampled_from(["text", "done"]), st.dictionaries(WORDS, WORDS, max_size=2)), max_size=4)


@given(EVENTS, st.sampled_from(["\r\n", "\n", "\r"]), st.booleans(), st.data())
def test_events_are_the_same_however_the_network_cuts_them(sent, line_end, escaped, data):
    raw = "".join(
        f"event: {name}{line_end}data: {json.dumps(fields, ensure_ascii=escaped)}{line_end}{line_end}"
        for name, fields in sent
    ).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=6)))

    chunks = [raw[start:end] for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]

    assert read(*chunks) == ([Event(name, fields) for name, fields in sent], [])


@given(st.binary(max_size=60))
def test_any_bytes_can_be_read(raw):
    events, violations = read(raw)

    assert all(isinstance(event.data, dict) for event in events)
    assert all(isinstance(violation, str) for violation in violations)


@pytest.mark.parametrize(
    "raw",
    [b": ping\n\n", b"\n\n", b"event:done\ndata:{}\n\n", b"id: 7\nretry: 10\nevent: done\ndata: {}\n\n", b"", b": x"],
)
def test_what_the_format_allows_is_no_violation(raw):
    violations = read(raw)[1]

    assert violations == [] or raw == b": x"


@pytest.mark.parametrize(
    ("raw", "violation"),
    [
        (b"event: text\ndata: hello\n\n", "the data of an event is no JSON: hello"),
        (b'event: text\ndata: "hello"\n\n', 'the data of an event is no JSON object: "hello"'),
        (b"event: text\ndata: {\xff}\n\n", "a line is no UTF-8"),
        (b"event: text\n\n", "an event has no data: text"),
        (b"data: {}\n\n", "an event has no name: {}"),
        (b"event: a\nevent: b\ndata: {}\n\n", "an event has two names: b"),
        (b"hello\n\n", "a line is no field of an event: hello"),
        (b'event: text\ndata: {"n": NaN}\n\n', "the data of an event is no JSON"),
        (b"event: done\ndata: {}\n", "the stream ends in the middle of an event"),
        (b"event: do", "the stream ends in the middle of an event"),
    ],
)
def test_what_a_lenient_reader_would_forgive_is_a_violation(raw, violation):
    violations = read(raw)[1]

    assert violations[0].startswith(violation)


def test_data_on_several_lines_is_joined():
    assert read(b'event: text\ndata: {"text":\ndata: "a"}\n\n') == ([Event("text", {"text": "a"})], [])


def test_a_line_separator_of_unicode_ends_no_line():
    raw = 'event: text\ndata: {"text": "a\u2028b\u0085c"}\n\n'.encode()

    assert read(raw) == ([Event("text", {"text": "a\u2028b\u0085c"})], [])
