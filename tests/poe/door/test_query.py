import fastapi_poe as fp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from utils.poe.door.query import BadRequest, query_request, read_body, report_request

HTTP = Request({"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""})


def query_of(*messages, **fields):
    return query_request({"type": "query", "query": list(messages), **fields}, None, HTTP)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no valid JSON"),
        (b"{", "no valid JSON"),
        (b"\xff\xfe", "no valid JSON"),
        (b"[" * 100_000, "no valid JSON"),
        (b"[]", "should be a JSON object"),
        (b'"query"', "should be a JSON object"),
        (b"{}", "no `type`"),
        (b'{"type": 5}', "no `type`"),
    ],
)
def test_a_body_that_is_no_request_is_refused_with_a_reason(body, reason):
    with pytest.raises(BadRequest, match=reason):
        read_body(body)


@pytest.mark.parametrize("query", [None, "hi", {"role": "user"}, 5])
def test_a_query_without_a_list_of_messages_is_refused(query):
    with pytest.raises(BadRequest, match="list of messages"):
        query_request({"type": "query", "query": query}, None, HTTP)


def test_a_query_needs_nothing_but_its_messages():
    query = query_of({"role": "user", "content": "hi"})

    assert query.query[0].content == "hi"
    assert (query.user_id, query.conversation_id, query.message_id) == ("", "", "")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"role": "user", "content": None}, {"content": ""}),
        ({"role": "user"}, {"content": ""}),
        ({"role": "user", "content": 5}, {"content": "5"}),
        ({"role": "user", "content": "x", "content_type": "text/latex"}, {"content_type": "text/markdown"}),
        ({"role": "user", "content": "x", "message_type": "dance"}, {"message_type": None}),
        ({"role": "user", "content": "x", "parameters": None}, {"parameters": {}}),
        ({"role": "user", "content": "x", "timestamp": "noon"}, {"timestamp": 0}),
        ({"role": "user", "content": "x", "metadata": 7}, {"metadata": None}),
        ({"role": "user", "content": "x", "sender": "me"}, {"sender": None}),
        ({"role": "user", "content": "x", "feedback": [{"type": "shrug"}, {"type": "like"}]}, {"feedback": ["like"]}),
        ({"role": "user", "content": "x", "attachments": [{"name": "no url"}]}, {"attachments": []}),
        ({"role": "user", "content": "x", "attachments": None}, {"attachments": []}),
        ({"role": "user", "content": "x", "reactions": [{"reaction": "heart"}, 5]}, {"reactions": ["heart"]}),
        ({"role": "user", "content": "x", "referenced_message": {"role": "ghost"}}, {"referenced_message": None}),
        ({"role": "user", "content": "x", "something_new": 1}, {"content": "x"}),
    ],
)
def test_what_is_odd_in_a_message_is_left_out(message, expected):
    known = query_of(message).query[0].model_dump()

    known["feedback"] = [item["type"] for item in known["feedback"]]
    known["reactions"] = [item["reaction"] for item in known["reactions"]]
    assert {name: known[name] for name in expected} == expected


def test_an_attachment_keeps_what_is_known_of_it():
    attachment = {"url": "https://x/y", "parsed_content": "text", "content_type": None}

    query = query_of({"role": "user", "content": None, "attachments": [attachment, "junk"]})

    kept = query.query[0].attachments
    assert [(item.url, item.parsed_content, item.name) for item in kept] == [("https://x/y", "text", "attachment")]


def test_messages_of_unknown_roles_are_left_out_and_the_rest_stays():
    query = query_of({"role": "ghost", "content": "boo"}, "junk", {"role": "user", "content": "hi"})

    assert [message.content for message in query.query] == ["hi"]


@pytest.mark.parametrize(
    ("field", "value", "default"),
    [
        ("temperature", "hot", None),
        ("logit_bias", None, {}),
        ("stop_sequences", None, []),
        ("language_code", None, "en"),
        ("users", "me", []),
        ("tools", [{"type": "function", "function": {"name": "no description"}}], None),
        ("tools", [{"type": "custom", "custom": {"name": "x"}}], None),
        ("user_id", None, ""),
        ("version", 1.2, ""),
    ],
)
def test_a_field_that_is_odd_falls_back_to_its_default(field, value, default):
    query = query_of({"role": "user", "content": "hi"}, **{field: value})

    assert getattr(query, field) == default
    assert query.query[0].content == "hi"


def test_nobody_can_bring_an_access_key_of_their_own():
    raw = {"type": "query", "query": [], "access_key": "mine", "api_key": "mine"}

    query = query_request(raw, "the real one", HTTP)

    assert (query.access_key, query.api_key) == ("the real one", "the real one")


def test_feedback_of_an_unknown_kind_is_ignored():
    raw = {"type": "report_feedback", "message_id": "m", "feedback_type": "shrug"}

    assert report_request(fp.ReportFeedbackRequest, raw, HTTP) is None


def test_an_error_report_without_metadata_is_read():
    report = report_request(fp.ReportErrorRequest, {"type": "report_error", "message": "oops"}, HTTP)

    assert report is not None
    assert report.message == "oops"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(sorted(fp.QueryRequest.model_fields))
MESSAGE_FIELDS = st.sampled_from(sorted(fp.ProtocolMessage.model_fields))


@given(
    fields=st.dictionaries(FIELDS, JSON, max_size=4),
    messages=st.lists(st.dictionaries(MESSAGE_FIELDS, JSON, max_size=4), max_size=3),
)
def test_whatever_stands_in_a_query_the_last_good_message_is_read(fields, messages):
    raw = {**fields, "type": "query", "query": [*messages, {"role": "user", "content": "hi"}]}

    query = query_request(raw, None, HTTP)

    assert query.query[-1].content == "hi"
