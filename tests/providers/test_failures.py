import json
from typing import Any

import pytest

from tests.serving import serving
from utils.errors import (
    BrokenStream,
    ContentRefused,
    ContextTooLong,
    KeyRefused,
    ModelNotFound,
    Overloaded,
    ProviderFailure,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    TimedOut,
)
from utils.providers.failures import from_status, from_stream, without_secrets
from utils.providers.waits import wait_said

from .asking import answer
from .upstreams import Upstream

KEY = "canary-1234567890"


def openai(message, code=None, kind="invalid_request_error") -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def google(code, message, status, **detail) -> list[Any]:
    return [{"error": {"code": code, "message": message, "status": status, "details": [detail] if detail else []}}]


GOOGLE_QUOTA = "You exceeded your current quota, please check your plan and billing details."
GROQ_RATE = (
    "Rate limit reached for model `qwen` in organization `org_1` on tokens per minute (TPM): Limit 6000, Used 5900. "
    "Please try again in 7.5s. Need more tokens? Upgrade at https://console.groq.com/settings/billing"
)
AZURE_FILTER = {
    "error": {
        "code": "content_filter",
        "message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"hate": {"filtered": True}}},
    }
}
MISTRAL_DETAIL = {
    "detail": [
        {"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted", "input": 1}
    ]
}
BAD_GATEWAY = "<html>\n<head><title>502 Bad Gateway</title></head>\n<body>nginx</body>\n</html>"

REPORTS = [
    ("openai", 401, openai("Incorrect API key provided: sk-proj-****abcd.", "invalid_api_key"), KeyRefused),
    ("openai", 403, openai("Country, region, or territory not supported"), KeyRefused),
    ("openai", 429, openai("Rate limit reached for gpt-6-luna", "rate_limit_exceeded", "tokens"), RateLimited),
    ("openai", 429, openai("You exceeded your current quota", "insufficient_quota"), QuotaExhausted),
    ("openai", 429, openai("Spend limit", "organization_spend_limit_exceeded"), QuotaExhausted),
    ("openai", 429, openai("Spend limit", "project_spend_limit_exceeded"), QuotaExhausted),
    ("openai", 429, openai("Usage limit", "organization_usage_limit_exceeded"), QuotaExhausted),
    ("openai", 429, openai("No credit", "credit_balance_exhausted"), QuotaExhausted),
    ("openai", 400, openai("Billing hard limit has been reached", "billing_hard_limit_reached"), QuotaExhausted),
    ("openai", 400, openai("This model's maximum context length is 128", "context_length_exceeded"), ContextTooLong),
    ("openai", 400, openai("Your request was rejected", "content_policy_violation"), ContentRefused),
    ("openai", 400, openai("Your prompt was flagged as potentially violating our usage policy"), ContentRefused),
    ("openai", 400, openai("Unsupported value: 'temperature' does not support 0.5"), RequestRejected),
    ("openai", 404, openai("The model `gpt-7` does not exist", "model_not_found"), ModelNotFound),
    ("openai", 503, openai("The server is overloaded", "server_is_overloaded"), Overloaded),
    ("openai", 500, openai("The server had an error", None, "server_error"), Overloaded),
    ("anthropic", 529, openai("Overloaded", "overloaded_error", "overloaded_error"), Overloaded),
    ("anthropic", 402, openai("Billing", "billing_error", "billing_error"), QuotaExhausted),
    ("anthropic", 400, openai("Your credit balance is too low. Please go to Plans & Billing."), QuotaExhausted),
    ("anthropic", 400, openai("prompt is too long: 210000 tokens > 200000 maximum"), ContextTooLong),
    ("anthropic", 413, openai("Request exceeds the maximum size", "request_too_large"), ContextTooLong),
    ("google", 400, google(400, "API key not valid.", "INVALID_ARGUMENT", reason="API_KEY_INVALID"), KeyRefused),
    ("google", 400, google(400, "The input token count (9) exceeds the maximum", "INVALID_ARGUMENT"), ContextTooLong),
    ("google", 400, google(400, 'Unknown name "seed": Cannot find field.', "INVALID_ARGUMENT"), RequestRejected),
    ("google", 400, google(400, "Please enable billing on project 7", "FAILED_PRECONDITION"), QuotaExhausted),
    ("google", 429, google(429, GOOGLE_QUOTA, "RESOURCE_EXHAUSTED", quotaId="RequestsPerDayPerModel"), QuotaExhausted),
    ("google", 429, google(429, GOOGLE_QUOTA, "RESOURCE_EXHAUSTED", quotaId="RequestsPerMinute"), RateLimited),
    ("google", 503, google(503, "The model is overloaded.", "UNAVAILABLE"), Overloaded),
    ("fireworks", 412, openai("Account is suspended, possibly due to reaching the spending limit"), QuotaExhausted),
    ("together", 402, openai("Credit limit exceeded"), QuotaExhausted),
    ("groq", 429, openai(GROQ_RATE, "rate_limit_exceeded", "tokens"), RateLimited),
    ("groq", 413, openai("Request too large, please reduce it", "rate_limit_exceeded", "tokens"), ContextTooLong),
    ("groq", 400, openai("The model `mixtral` has been decommissioned", "model_decommissioned"), ModelNotFound),
    ("groq", 498, openai("Flex tier capacity exceeded", "capacity_exceeded"), Overloaded),
    ("groq", 424, openai("Failed dependency"), Overloaded),
    ("ollama", 404, openai('model "llama3.2" not found, try pulling it first', None, "not_found_error"), ModelNotFound),
    ("azure", 400, AZURE_FILTER, ContentRefused),
    ("azure", 404, {"error": {"code": "DeploymentNotFound", "message": "It does not exist."}}, ModelNotFound),
    ("bedrock", 429, {"message": "Too many tokens, please wait before trying again."}, RateLimited),
    ("bedrock", 400, {"message": "Input is too long for requested model."}, ContextTooLong),
    ("bedrock", 400, {"message": "The model 'claude' isn't supported on this route"}, ModelNotFound),
    ("huggingface", 400, {"error": "The requested model 'x' is not supported by any provider"}, ModelNotFound),
    ("huggingface", 402, {"error": "You have exceeded your monthly included credits"}, QuotaExhausted),
    ("cohere", 400, {"message": "too many tokens: total number of tokens in the prompt"}, ContextTooLong),
    ("cohere", 429, {"message": "You are using a Trial key, which is limited to 20 calls"}, RateLimited),
    ("cohere", 499, {"message": "request cancelled"}, Overloaded),
    ("openrouter", 403, openai("Flagged") | {"error": {"metadata": {"flagged_input": "…"}}}, ContentRefused),
    ("openrouter", 402, {"error": {"code": 402, "message": "Insufficient credits"}}, QuotaExhausted),
    ("openrouter", 400, {"error": {"code": 400, "message": "gpt-7 is not a valid model ID"}}, ModelNotFound),
    ("openrouter", 408, {"error": {"code": 408, "message": "Timed out"}}, TimedOut),
    ("openrouter", 524, {"error": {"code": 524, "message": "Edge timeout"}}, TimedOut),
    ("mistral", 422, MISTRAL_DETAIL, RequestRejected),
    ("mistral", 400, {"object": "error", "message": "Invalid model: tiny", "type": "invalid_model"}, ModelNotFound),
    ("deepseek", 402, openai("Insufficient Balance", "invalid_request_error", "unknown_error"), QuotaExhausted),
    ("deepseek", 400, openai("Content Exists Risk"), ContentRefused),
    ("deepseek", 400, openai("Model Not Exist"), ModelNotFound),
    ("xai", 400, {"code": "Client specified an invalid argument", "error": "Incorrect API key provided"}, KeyRefused),
    ("xai", 403, {"code": "Forbidden", "error": "Your team doesn't have any credits yet"}, QuotaExhausted),
    ("xai", 403, {"code": "Forbidden", "error": "Content violates usage guidelines."}, ContentRefused),
    ("cerebras", 429, {"message": "Too many requests", "type": "too_many_requests_error"}, RateLimited),
    ("sambanova", 410, {"error": "The model has been removed"}, ModelNotFound),
    ("moonshot", 429, openai("Suspended", None, "exceeded_current_quota_error"), QuotaExhausted),
    ("moonshot", 429, openai("Max RPM", None, "rate_limit_reached_error"), RateLimited),
    ("moonshot", 429, openai("Busy", None, "engine_overloaded_error"), Overloaded),
    ("poe", 400, openai("No such bot", "model_not_found"), ModelNotFound),
    ("vllm", 400, {"object": "error", "message": "maximum context length is 4096", "code": 400}, ContextTooLong),
    ("llama.cpp", 503, {"error": {"code": 503, "message": "Loading model", "type": "unavailable"}}, Overloaded),
    ("lm studio", 404, {"error": "No models loaded"}, ModelNotFound),
    ("litellm", 429, openai("Rate limited", "429", "throttling_error"), RateLimited),
    ("litellm", 400, openai("Budget has been exceeded! Current cost: 2", "400", "budget_exceeded"), QuotaExhausted),
    ("a proxy", 502, BAD_GATEWAY, Overloaded),
    ("a proxy", 504, "upstream timed out", TimedOut),
    ("a proxy", 307, "", ModelNotFound),
    ("a web site", 405, "Method Not Allowed", ModelNotFound),
    ("anybody", 409, {}, Overloaded),
    ("anybody", 418, None, RequestRejected),
    ("anybody", 429, "", RateLimited),
    ("anybody", 503, b"\xff\x00", Overloaded),
]


def encoded(body) -> bytes:
    return body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()


async def failure_of(provider_at, upstream, **fields) -> ProviderFailure:
    async with serving(upstream.app) as address:
        with pytest.raises(ProviderFailure) as caught:
            await answer(provider_at(address, **fields))
    return caught.value


@pytest.mark.parametrize(("vendor", "status", "body", "kind"), REPORTS)
async def test_what_a_vendor_reports_is_understood(provider_at, vendor, status, body, kind):
    failure = await failure_of(provider_at, Upstream(encoded(body), status=status), name=vendor.replace(" ", "-"))

    assert type(failure) is kind
    assert (failure.status, failure.provider) == (status, vendor.replace(" ", "-"))


@pytest.mark.parametrize("status", range(400, 600))
def test_every_status_is_a_failure_and_its_class_stands_in_the_reports(status):
    failure = from_status(status, None, "upstream")

    assert failure.status == status
    assert type(failure) in {kind for *_, kind in REPORTS}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ({"code": 429, "message": "Provider returned error"}, RateLimited, 429),
        ({"code": "529", "message": "Busy"}, Overloaded, 529),
        ({"code": 402, "message": "rate limit"}, QuotaExhausted, 402),
        ({"code": 502, "metadata": {"error_type": "provider_unavailable"}}, Overloaded, 502),
        ({"code": 400, "metadata": {"error_type": "content_policy_violation"}}, ContentRefused, 400),
        ({"code": "context_length_exceeded"}, ContextTooLong, None),
        ({"type": "overloaded_error", "message": "Overloaded"}, Overloaded, None),
        ({"code": 200, "message": "Odd"}, BrokenStream, None),
        ({"code": "9" * 5000}, BrokenStream, None),
        ({"code": True}, BrokenStream, None),
        ({"code": None}, BrokenStream, None),
        ("something went wrong", BrokenStream, None),
        ("rate limit", RateLimited, None),
        ({"error": "Busy", "status_code": 503}, Overloaded, 503),
        ({"error": "No", "error_type": "overloaded"}, Overloaded, None),
        (["odd"], BrokenStream, None),
        ({"deep": json.loads("[" * 900 + "]" * 900)}, BrokenStream, None),
    ],
)
def test_an_error_inside_a_stream_is_understood(body, kind, status):
    failure = from_stream(body, "upstream")

    assert (type(failure), failure.status, failure.provider) == (kind, status, "upstream")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "86400"}, None),
        ({"retry-after": "1e400"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Wed, 99 Oct 2026 07:28:00 GMT"}, None),
        ({"retry-after": "Wed, 21 Oct 1999 07:28:00 GMT"}, 0),
    ],
)
async def test_the_wait_is_believed_when_it_makes_sense(provider_at, headers, seconds):
    failure = await failure_of(provider_at, Upstream(b"{}", status=429, headers=headers))

    assert failure.retry_after == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "date": "Wed, 21 Oct 2026 07:27:30 GMT"}, 30),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "date": "Wed, 21 Oct 2026 08:00:00 GMT"}, 0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 -0000", "date": "Wed, 21 Oct 2026 07:27:59 GMT"}, 1),
        ({"retry-after": "Wed, 21 Oct 2099 07:28:00 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
    ],
)
def test_a_wait_until_a_date_is_reckoned_by_the_clock_of_the_provider(headers, seconds):
    assert wait_said(headers, "") == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Rate limit reached for `m` on tokens per day (TPD): Limit 9. Please try again in 7m12s. Upgrade.", 432),
        ("Limit 30, Used 30. Please try again in 9m38.016s. Need more tokens?", 578.016),
        ("Please try again in 6ms.", 0.006),
        ("Please try again in 1h3m2.5s.", 3782.5),
        ("Please try again in 2 minutes.", 120),
        ("Please retry after 26 seconds.", 26),
        ("Please retry in 41.5s.", 41.5),
        ("Please wait 20 seconds", 20),
        ("Try again in 1 hour 30 minutes", 5400),
        ("Please try again in 3 days", None),
        ("Please try again later", None),
        ("retry 5 times", None),
        ("Please try again in 5 moments", None),
    ],
)
async def test_the_wait_can_stand_in_the_words_of_the_message(provider_at, text, seconds):
    failure = await failure_of(provider_at, Upstream(encoded(openai(text, "rate_limit_exceeded")), status=429))

    assert failure.retry_after == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(("delay", "seconds"), [("14s", 14), ("0.5s", 0.5), ("...s", None), ("14", 14)])
async def test_google_says_the_wait_in_the_body(provider_at, delay, seconds):
    body = google(429, GOOGLE_QUOTA, "RESOURCE_EXHAUSTED", retryDelay=delay)

    failure = await failure_of(provider_at, Upstream(encoded(body), status=429))

    assert failure.retry_after == seconds


@pytest.mark.parametrize(
    "upstream",
    [
        Upstream(encoded(openai(f"Incorrect API key provided: {KEY}")), status=401),
        Upstream(f"<p>{KEY} at {KEY}</p>".encode(), status=500),
        Upstream(encoded([{"error": {"message": KEY}}]), status=400),
        Upstream(b'data: {"error": "' + KEY.encode() + b'"}\n\n'),
        Upstream(f"<p>{KEY}</p>".encode()),
        Upstream(b'{"error": {"message": "' + KEY.encode() + b'"}}'),
    ],
)
async def test_the_message_never_holds_our_key(provider_at, monkeypatch, upstream):
    monkeypatch.setenv("SOME_API_KEY", KEY)

    failure = await failure_of(provider_at, upstream, api_key_env="SOME_API_KEY")

    assert KEY not in f"{failure!s} {failure!r}"
    assert "***" in str(failure)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("sk-proj-abcdefgh no", "*** no"),
        ("https://me:word@host/v1", "https://***@host/v1"),
        ("https://host/v1?key=abcdef&a=1", "https://host/v1?key=***&a=1"),
        ("gsk_abcdefgh and xai-abcdefgh", "*** and ***"),
        ("a task-force of risk-takers", "a task-force of risk-takers"),
    ],
)
def test_what_looks_like_a_key_is_hidden(text, shown):
    assert without_secrets(text) == shown


def test_what_the_person_said_is_not_repeated():
    body = {"detail": [{"loc": ["body", "messages"], "msg": "bad", "input": [{"content": "my billing_error secret"}]}]}

    failure = from_status(422, body, "upstream")

    assert type(failure) is RequestRejected
    assert "secret" not in str(failure)
    assert "bad" in str(failure)


def test_the_message_is_one_short_line():
    failure = from_status(502, BAD_GATEWAY + "x" * 10_000, "upstream")

    assert "\n" not in str(failure)
    assert len(str(failure)) < 600
