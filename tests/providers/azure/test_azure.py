"""Both surfaces of Azure: where the question goes, how the key is shown, and what Azure says in ways of its own."""

import json

import fastapi_poe as fp
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.apps import app_of
from tests.serving import serving
from utils.errors import ContentRefused, KeyRefused, ModelNotFound, ProviderFailure, RateLimited, RequestRejected
from utils.providers import ProviderPool
from utils.providers.kinds import KINDS
from utils.registry import ProviderConfig, ProviderRegistry

from ..asking import answer
from ..upstreams import DONE, WHOLE, Upstream, ending, event, saying

CANARIES = {
    "AZURE_OPENAI_API_KEY": "canary-azure",
    "AZURE_OPENAI_AD_TOKEN": "canary-token",
    "AZURE_OPENAI_ENDPOINT": "http://canary.invalid",
    "OPENAI_API_VERSION": "canary-version",
    "OPENAI_API_KEY": "canary-openai",
    "OPENAI_BASE_URL": "http://canary.invalid/v1",
    "OPENAI_ORG_ID": "canary-organization",
    "OPENAI_CUSTOM_HEADERS": "X-Canary: canary-header\nAuthorization: Bearer canary-custom",
}
FILTERED_PROMPT = {
    "error": {
        "message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"hate": {"filtered": True}}},
    }
}
PREFACE = event({"choices": [], "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}]})
LATE_FILTER = event({"choices": [{"index": 0, "delta": None, "content_filter_results": {}, "finish_reason": None}]})
DATED = "/openai/deployments/my-gpt/chat/completions?api-version="


@pytest.fixture
def upstream():
    return Upstream(*WHOLE)


@pytest.fixture
async def address(upstream):
    async with serving(upstream.app) as base_url:
        yield base_url


@pytest.fixture
def canaries(monkeypatch):
    for name, value in CANARIES.items():
        monkeypatch.setenv(name, value)


def sent_by(upstream):
    """The address behind the host, and the headers in which a key may stand."""
    return sent_by_request(upstream.requests[-1])


def sent_by_request(request):
    url = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return url, request.headers.get("authorization"), request.headers.get("api-key")


@pytest.mark.parametrize("end", ["/openai/v1", "/openai/v1/", "/v1"])
async def test_the_surface_without_dates_is_openais_own(canaries, azure_at, upstream, address, end):
    assert await answer(azure_at(f"{address}{end}")) == "Hello"

    assert sent_by(upstream) == (f"{end.rstrip('/')}/chat/completions", "Bearer my-own-key", None)
    assert upstream.bodies[0]["model"] == "my-gpt"
    assert "canary" not in str(upstream.requests[0].headers)


@pytest.mark.parametrize("end", ["", "/", "/openai", "/openai/"])
@pytest.mark.parametrize(("version", "sent"), [(None, "2024-10-21"), ("2025-04-01-preview", "2025-04-01-preview")])
async def test_the_dated_surface_has_the_deployment_in_its_path(
    canaries, azure_at, upstream, address, end, version, sent
):
    assert await answer(azure_at(f"{address}{end}", api_version=version)) == "Hello"

    assert sent_by(upstream) == (f"{DATED}{sent}", None, "my-own-key")
    assert "canary" not in str(upstream.requests[0].headers)


async def test_a_name_of_a_deployment_cannot_leave_its_place(azure_at, upstream, address):
    await answer(azure_at(address), model="../../other?x")

    assert b"/openai/deployments/..%2F..%2Fother%3Fx/chat/completions" in upstream.requests[0].scope["raw_path"]


async def test_a_structured_key_brings_endpoint_and_version(azure_at, upstream, address, monkeypatch):
    key = {"api_key": "structured", "endpoint": address, "api_version": "2025-01-01"}
    monkeypatch.setenv("MINE_API_KEY", json.dumps(key))

    await answer(azure_at(""))

    assert sent_by(upstream) == (f"{DATED}2025-01-01", None, "structured")


async def test_the_endpoint_of_a_key_wins_so_that_it_goes_to_no_other_host(azure_at, upstream, address, monkeypatch):
    other = Upstream(*WHOLE)
    monkeypatch.setenv("MINE_API_KEY", json.dumps({"api_key": "structured", "endpoint": f"{address}/openai/v1"}))

    async with serving(other.app) as other_address:
        await answer(azure_at(other_address))

    assert sent_by(upstream)[1] == "Bearer structured"
    assert other.requests == []


async def test_a_key_without_an_endpoint_needs_one_in_the_entry(azure_at):
    with pytest.raises(RequestRejected) as caught:
        await answer(azure_at(""))

    assert str(caught.value) == "neither `api_base` nor the `endpoint` of MINE_API_KEY is set"


async def test_a_token_of_entra_is_no_key(azure_at, upstream, address, monkeypatch):
    monkeypatch.setenv("MINE_API_KEY", "eyJhbGciOi.token")

    await answer(azure_at(address))

    assert sent_by(upstream)[1:] == ("Bearer eyJhbGciOi.token", None)


@pytest.mark.parametrize("name", ["api-key", "Api-Key", "Authorization"])
async def test_a_key_among_the_headers_wins(canaries, azure_at, upstream, address, name):
    await answer(azure_at(address, headers={name: "from-the-headers"}))

    assert upstream.requests[0].headers[name] == "from-the-headers"
    assert "my-own-key" not in str(upstream.requests[0].headers)
    assert "canary" not in str(upstream.requests[0].headers)


async def test_the_profile_is_azures_whatever_the_host(azure_at, upstream, address):
    await answer(azure_at(address), max_tokens=7)

    assert upstream.bodies[0]["max_completion_tokens"] == 7
    assert upstream.bodies[0]["stream_options"] == {"include_usage": True}


async def test_chunks_without_choices_and_without_delta_are_no_trouble(azure_at):
    upstream = Upstream(PREFACE, saying("Hel"), LATE_FILTER, saying("lo"), ending("stop"), LATE_FILTER, DONE)

    async with serving(upstream.app) as address:
        assert await answer(azure_at(address)) == "Hello"


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (400, FILTERED_PROMPT, ContentRefused),
        (401, {"error": {"code": "401", "message": "Access denied due to invalid subscription key"}}, KeyRefused),
        (404, {"error": {"code": "DeploymentNotFound", "message": "The API deployment does not exist"}}, ModelNotFound),
        (404, {"error": {"code": "404", "message": "Resource not found"}}, ModelNotFound),
        (429, {"error": {"code": "429", "message": "Requests have exceeded call rate limit"}}, RateLimited),
    ],
)
@pytest.mark.parametrize("end", ["", "/openai/v1"])
async def test_what_azure_refuses_says_what_can_be_done(azure_at, status, body, failure, end):
    upstream = Upstream(json.dumps(body).encode(), status=status, headers={"content-type": "application/json"})

    async with serving(upstream.app) as address:
        with pytest.raises(ProviderFailure) as caught:
            await answer(azure_at(f"{address}{end}"))

    assert type(caught.value) is failure
    assert "my-own-key" not in str(caught.value)


async def test_an_answer_that_the_filter_withheld_is_refused(azure_at):
    upstream = Upstream(PREFACE, ending("content_filter"), DONE)

    async with serving(upstream.app) as address:
        with pytest.raises(ContentRefused):
            await answer(azure_at(address))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"api_base": "https://a.openai.azure.com/openai/v1"}, None),
        ({"api_base": "https://a.openai.azure.com", "api_version": "2024-10-21"}, None),
        ({"api_key_env": "AZURE"}, None),
        ({}, "`api_base` is missing"),
        ({"api_base": "https://a.openai.azure.com/openai/v1/", "api_version": "2024-10-21"}, "`api_version` has no"),
        ({"api_base": "https://a.openai.azure.com/openai/deployments/x"}, "before the deployment"),
        ({"api_base": "https://a.openai.azure.com/openai/v1/chat/completions"}, None),
        ({"api_base": "https://a.openai.azure.com?api-version=1"}, "before the deployment"),
        ({"api_base": "https://a.openai.azure.com", "settings": {"region": "x"}}, "`region` is not a known key"),
    ],
)
def test_a_mistake_in_the_entry_is_named(fields, words):
    config = ProviderConfig.model_validate({"name": "a", "kind": "azure", **fields})

    found = KINDS["azure"].wrong_settings(config)

    assert (words in found) if words else found is None


@pytest.mark.parametrize("end", ["", "/openai/v1"])
async def test_a_bot_answers_from_azure(tmp_path, monkeypatch, upstream, address, end):
    monkeypatch.setenv("MINE_API_KEY", "my-own-key")
    entry = f"- {{name: mine, kind: azure, api_base: '{address}{end}', api_key_env: MINE_API_KEY, models: [my-gpt]}}"
    app = app_of(tmp_path, "bots:\n- {bot_name: Bot, provider: mine}\n", f"providers:\n{entry}\n")

    async with serving(app) as bots:
        request = fp.QueryRequest(
            version="1.2",
            type="query",
            query=[fp.ProtocolMessage(role="user", content="Hi")],
            user_id="u",
            conversation_id="c",
            message_id="",
        )
        parts = [part async for part in fp.stream_request(request, "Bot", "key", base_url=f"{bots}/")]

    assert "".join(part.text for part in parts) == "Hello"
    assert not app.state.overview().problems
    assert upstream.bodies[0]["messages"][-1]["content"] == "Hi"


@pytest.mark.parametrize(
    ("end", "listing", "vectors"),
    [
        ("/openai/v1", "/openai/v1/models", "/openai/v1/embeddings"),
        (
            "",
            "/openai/models?api-version=2024-10-21",
            "/openai/deployments/my-vectors/embeddings?api-version=2024-10-21",
        ),
    ],
)
async def test_models_and_vectors_are_asked_for_on_the_same_surface(monkeypatch, end, listing, vectors):
    monkeypatch.setenv("MINE_API_KEY", "my-own-key")
    asked = []

    async def answer_either(request):
        asked.append(sent_by_request(request))
        data = [{"index": 0, "embedding": [1, 2]}] if request.method == "POST" else [{"id": "gpt"}]
        return JSONResponse({"data": data})

    app = Starlette(routes=[Route("/{rest:path}", answer_either, methods=["GET", "POST"])])
    async with serving(app) as address:
        entry = {"name": "mine", "kind": "azure", "api_base": f"{address}{end}", "api_key_env": "MINE_API_KEY"}
        pool = ProviderPool(
            ProviderRegistry([ProviderConfig.model_validate({**entry, "embedding_model": "my-vectors"})])
        )
        listed = await pool.models("mine", live=True)
        made = await pool.embed("mine", ["a"])
        await pool.aclose()

    shown = ("Bearer my-own-key", None) if end else (None, "my-own-key")
    assert asked == [(listing, *shown), (vectors, *shown)]
    assert "gpt" in [model.info.name for model in listed.models]
    assert made.vectors == ((1.0, 2.0),)
