"""Whatever a vendor says is wrong becomes the right failure, with the wait, and without a word of it for the person."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.providers.asking import answer, drained, question
from tests.providers.upstreams import DONE, Upstream, event, saying
from tests.serving import serving
from utils import errors
from utils.errors import (
    BrokenStream,
    ContextTooLong,
    EmptyAnswer,
    KeyMissing,
    NotAStream,
    Overloaded,
    ProviderFailure,
    RateLimited,
    TimedOut,
    Unreachable,
)
from utils.keys import KeyPool, Keyring
from utils.poe.sentences import TEXTS, sentence_for
from utils.providers.failures import from_status, from_stream, without_secrets
from utils.registry import PROFILE_NAMES

from .heard import HEARD
from .reports import REPORTS, SITUATIONS, Report

KEY = "canary-0a1b2c3d4e5f"
ROWS = [
    pytest.param(vendor, report, id=f"{vendor}-{situation}")
    for vendor, situations in REPORTS.items()
    for situation, report in situations.items()
    if isinstance(report, Report)
]
ON_THE_WAY = {TimedOut, Unreachable, BrokenStream, EmptyAnswer, NotAStream}
"""What no vendor reports and every connection can do: `tests.providers.test_openai_provider` makes each happen."""


def encoded(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()


async def failure_of(provider_at, upstream: Upstream, vendor: str = "neutral", **fields) -> ProviderFailure:
    async with serving(upstream.app) as address:
        with pytest.raises(ProviderFailure) as caught:
            await answer(provider_at(address, profile=vendor, **fields))
    return caught.value


def test_every_provider_has_a_row_or_a_reason_for_every_situation():
    assert set(REPORTS) == set(PROFILE_NAMES)
    assert {vendor: set(situations) for vendor, situations in REPORTS.items()} == {
        name: set(SITUATIONS) for name in PROFILE_NAMES
    }


def all_below(cls: type[Any]) -> Iterator[type[Any]]:
    for below in cls.__subclasses__():
        yield below
        yield from all_below(below)


def test_every_failure_is_reached_and_has_its_sentence():
    rows = [report for situations in REPORTS.values() for report in situations.values()]
    reported = {report.failure for report in rows if isinstance(report, Report)}
    heard = {heard.failure for heard in HEARD.values()}
    failures = {cls for cls in all_below(ProviderFailure) if cls.__module__ == errors.__name__}

    assert failures <= reported | heard | ON_THE_WAY | {KeyMissing}
    assert failures <= set(TEXTS)


async def test_a_key_that_is_not_there_is_a_failure_of_its_own():
    with pytest.raises(KeyMissing) as caught:
        await KeyPool("p", ("NO_SUCH_KEY",), Keyring({})).first_accepted(_never)

    assert sentence_for(caught.value)


async def _never(key: Any) -> None:
    raise AssertionError("there is no key to ask with")


@pytest.mark.parametrize(("vendor", "report"), ROWS)
async def test_what_is_reported_is_understood(provider_at, vendor, report: Report):
    upstream = Upstream(
        encoded(report.body), status=report.status, headers={"content-type": "application/json", **report.headers}
    )

    failure = await failure_of(provider_at, upstream, vendor)

    assert (type(failure), failure.status, failure.provider) == (report.failure, report.status, "upstream")
    assert failure.retry_after == (None if report.wait is None else pytest.approx(report.wait))


@pytest.mark.parametrize(("vendor", "report"), ROWS)
async def test_no_report_is_shown_to_the_person_or_holds_our_key(provider_at, monkeypatch, vendor, report: Report):
    monkeypatch.setenv("SOME_API_KEY", KEY)
    said = json.loads(json.dumps(report.body, separators=(",", ":")).replace(" ", f" {KEY} "))
    headers = {"content-type": "application/json", "x-echo": KEY, **report.headers}

    with capture_logs() as log:
        failure = await failure_of(
            provider_at,
            Upstream(encoded(said), status=report.status, headers=headers),
            vendor,
            api_key_env="SOME_API_KEY",
        )

    assert KEY not in f"{failure} {failure!r} {vars(failure)} {log}"
    assert KEY not in sentence_for(failure)
    assert all(word not in sentence_for(failure) for word in ("status", "{", "upstream"))


@pytest.mark.parametrize(
    ("status", "words", "failure"),
    [
        (429, "Tokens per minute limit exceeded - too many tokens processed.", errors.RateLimited),
        (429, "Too many tokens, please wait before trying again.", errors.RateLimited),
        (429, "Credit limit exceeded, please navigate to the settings to upgrade.", errors.QuotaExhausted),
        (429, "You are using a Trial key, which is limited to 1000 API calls / month.", errors.QuotaExhausted),
        (429, "You are using a Trial key, which is limited to 20 API calls / minute.", errors.RateLimited),
        (403, "Key limit exceeded (total limit). Manage it in the settings.", errors.QuotaExhausted),
        (403, "Out of call volume quota for AIServices F0 pricing tier.", errors.QuotaExhausted),
        (400, "You have reached your specified API usage limits.", errors.QuotaExhausted),
        (400, "Output blocked by content filtering policy", errors.ContentRefused),
        (400, "organization_restricted", errors.KeyRefused),
        (400, "This model's maximum prompt length is 131072 but the request contains 140000 tokens.", ContextTooLong),
        (400, "However, the model's context length is only 4096 tokens", ContextTooLong),
        (400, "The number of tokens to keep is greater than the context length.", ContextTooLong),
        (422, "`inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000", ContextTooLong),
        (422, "`inputs` must have less than 4095 tokens. Given: 5000", ContextTooLong),
        (400, "max_tokens is too large: 100000. This model supports at most 16384.", errors.RequestRejected),
    ],
)
def test_what_a_vendor_says_counts_more_than_its_status(status, words, failure):
    for body in (words, {"error": words}, {"error": {"message": words}}, {"message": words, "type": "x"}):
        assert type(from_status(status, body, "p")) is failure


@pytest.mark.parametrize(
    ("parts", "content_type", "failure"),
    [
        ((b"<!DOCTYPE html><title>Just a moment...</title>",), "text/html", NotAStream),
        ((b"upstream connect error",), "text/plain", NotAStream),
        ((b"",), "text/event-stream", EmptyAnswer),
        ((b'["odd"]',), "application/json", NotAStream),
        ((b'"rate limit exceeded"',), "application/json", RateLimited),
        ((b'{"message": "Too many requests", "code": 429}',), "application/json", RateLimited),
        ((b'{"detail": "overloaded"}',), "application/json", Overloaded),
        ((b'{"error": "overloaded", "error_type": "overloaded"}',), "application/json", Overloaded),
        ((event({"error": {"code": 429, "message": "no"}}),), "text/event-stream", RateLimited),
        ((saying("Hi"), event({"error": {"code": 429, "message": "no"}})), "text/event-stream", RateLimited),
        ((saying("Hi"), b'event: error\ndata: {"message": "overloaded"}\n\n', DONE), "text/event-stream", Overloaded),
        ((event({"error": {"status": 503, "message": "no"}}),), "application/octet-stream", Overloaded),
    ],
)
async def test_an_error_behind_a_success_is_understood(provider_at, parts, content_type, failure):
    caught = await failure_of(provider_at, Upstream(*parts, headers={"content-type": content_type}))

    assert type(caught) is failure


async def test_a_stream_under_another_content_type_is_read(provider_at):
    whole = (saying("Hi"), event({"choices": [{"delta": {}, "finish_reason": "stop"}]}), DONE)

    async with serving(Upstream(*whole, headers={"content-type": "text/plain"}).app) as address:
        assert await answer(provider_at(address)) == "Hi"


async def test_the_wait_stands_in_an_error_inside_the_stream_too(provider_at):
    said = event({"error": {"code": 429, "message": "Rate limit. Please try again in 1m30s."}})

    failure = await failure_of(provider_at, Upstream(said))

    assert failure.retry_after == 90


surroundings = st.text(st.characters(codec="utf-8"), max_size=20)


@given(before=surroundings, after=surroundings, status=st.sampled_from([400, 401, 403, 422, 429, 500]), data=st.data())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_key_comes_out_wherever_it_is_planted(before, after, status, data):
    text = f"{before}{KEY}{after}"
    body = data.draw(
        st.sampled_from(
            [
                text,
                {"error": text},
                {"error": {"message": text, "param": text}},
                [{"error": {"message": text}}],
                {"detail": [{"loc": ["body", text], "msg": text, "input": text}]},
                {"message": json.dumps({"detail": [{"msg": text}]})},
                {text: text},
                [[[text]]],
            ]
        )
    )

    for failure in (from_status(status, body, "p", KEY), from_stream(body, "p", KEY)):
        assert KEY not in f"{failure} {failure!r} {vars(failure)}"


@given(prefix=st.sampled_from(["sk-", "sk-ant-", "gsk_", "xai-", "nvapi-", "csk-", "hf_", "AIza", "r8_", "tgp_v1_"]))
def test_what_looks_like_somebody_elses_key_is_hidden_too(prefix):
    key = prefix + "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z"

    assert key not in without_secrets(f'{{"message": "Incorrect API key provided: {key}."}}')
    assert key not in without_secrets(f"Bearer {key}")


@pytest.mark.parametrize(
    "message",
    [
        "[{'type': 'extra_forbidden', 'loc': ('body', 'x'), 'msg': 'no', 'input': {'content': 'my diary'}}]",
        '{"detail": [{"type": "missing", "loc": ["body"], "msg": "no", "input": "my diary"}]}',
    ],
)
def test_the_words_of_the_person_are_not_repeated_from_inside_a_text(message):
    for body in (message, {"message": message}, {"error": {"message": message}}):
        failure = from_status(400, body, "p")

        assert "diary" not in str(failure)
        assert "no" in str(failure)


async def test_a_failure_with_the_key_in_its_headers_is_silent_about_it(provider_at, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", KEY)

    with pytest.raises(ProviderFailure) as caught:
        await drained(provider_at("http://127.0.0.1:9", api_key_env="SOME_API_KEY").stream(question()))

    assert KEY not in f"{caught.value} {caught.value.__cause__} {vars(caught.value)}"
