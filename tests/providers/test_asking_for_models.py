"""The list of models and the vectors of texts, over real connections."""

import array
import asyncio
import base64
import json
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.serving import serving
from utils.chat import ModelInfo, Usage
from utils.errors import BrokenStream, KeyMissing, KeyRefused, ModelNotFound, NotAStream, TimedOut, Unreachable
from utils.providers import ProviderPool
from utils.registry import ProviderConfig, ProviderRegistry

LIST = {"data": [{"id": "m", "context_length": 9}]}


class Vendor:
    """Answers everything with what `answer` makes, and remembers what it was asked."""

    def __init__(self, answer: Callable[[Any], Response]) -> None:
        self.requests: list[Request] = []
        self.bodies: list[Any] = []
        self._answer = answer

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        self.requests.append(request)
        self.bodies.append(json.loads(body) if body else None)
        return self._answer(self.bodies[-1])


@asynccontextmanager
async def vendor_at(answer: Callable[[Any], Response]):
    vendor = Vendor(answer)
    app = Starlette(routes=[Route("/{rest:path}", vendor.answer, methods=["GET", "POST"])])
    async with serving(app) as address:
        yield vendor, address


async def test_the_list_is_asked_for_just_as_an_answer_is(monkeypatch, provider_at):
    monkeypatch.setenv("OPENAI_API_KEY", "canary")
    monkeypatch.setenv("MINE_API_KEY", "my-own-key")
    async with vendor_at(lambda body: JSONResponse(LIST)) as (vendor, address):
        provider = provider_at(address, api_key_env="MINE_API_KEY", headers={"X-Mine": "yes"})

        models = await provider.models()

    assert models == (ModelInfo("m", 9),)
    (request,) = vendor.requests
    assert (request.method, request.url.path) == ("GET", "/v1/models")
    assert request.headers.getlist("authorization") == ["Bearer my-own-key"]
    assert request.headers["x-mine"] == "yes"
    assert "openai-organization" not in request.headers


async def test_without_a_key_nobody_is_asked(provider_at):
    async with vendor_at(lambda body: JSONResponse(LIST)) as (vendor, address):
        with pytest.raises(KeyMissing):
            await provider_at(address, api_key_env="NOBODY_SETS_THIS").models()

    assert vendor.requests == []


@pytest.mark.parametrize(
    ("response", "failure"),
    [
        (lambda: JSONResponse({"detail": "no"}, 404), ModelNotFound),
        (lambda: Response("<h1>no</h1>", 405), ModelNotFound),
        (lambda: Response("", 501), ModelNotFound),
        (lambda: RedirectResponse("http://127.0.0.1:9/elsewhere"), ModelNotFound),
        (lambda: JSONResponse({"error": {"message": "no"}}, 401), KeyRefused),
        (lambda: Response("<html>Welcome</html>", media_type="text/html"), NotAStream),
        (lambda: Response("", 200), NotAStream),
        (lambda: Response("[" * 100_000, 200), NotAStream),
        (lambda: Response(b"\xff\xfe", 200), NotAStream),
    ],
)
async def test_what_comes_instead_of_a_list_is_a_failure_of_its_kind(provider_at, response, failure):
    async with vendor_at(lambda body: response()) as (_, address):
        with pytest.raises(failure):
            await provider_at(address).models()


async def test_a_missing_list_is_said_as_such(provider_at):
    async with vendor_at(lambda body: JSONResponse({}, 404)) as (_, address):
        with pytest.raises(ModelNotFound, match="it lists no models"):
            await provider_at(address).models()


async def test_a_provider_whose_profile_has_no_list_is_not_asked(provider_at):
    async with vendor_at(lambda body: JSONResponse(LIST)) as (vendor, address):
        with pytest.raises(ModelNotFound, match="lists no models"):
            await provider_at(address, profile="cohere").models()

    assert vendor.requests == []


async def test_a_list_without_end_is_not_read(provider_at):
    async def endless():
        while True:
            yield b" " * 1_000_000
            await asyncio.sleep(0)  # or the vendor never notices that nobody listens any more

    async with vendor_at(lambda body: StreamingResponse(endless())) as (_, address):
        with pytest.raises(BrokenStream, match="more than 16 MiB"):
            await provider_at(address).models()


async def test_a_list_that_trickles_is_not_waited_for(provider_at):
    async def trickling():
        while True:
            yield b" "
            await asyncio.sleep(0.02)

    async with vendor_at(lambda body: StreamingResponse(trickling())) as (_, address):
        with pytest.raises(TimedOut):
            await provider_at(address, timeout=0.2).models()


async def test_a_provider_that_is_down_is_unreachable(provider_at):
    with pytest.raises(Unreachable):
        await provider_at("http://127.0.0.1:9").models()


def vectors(*items: Any, usage: Any = None) -> JSONResponse:
    return JSONResponse({"data": list(items), "usage": usage})


async def test_vectors_come_in_the_order_of_the_texts(provider_at):
    packed = base64.b64encode(array.array("f", [0.5, -1.0]).tobytes()).decode()
    answer = vectors({"index": 1, "embedding": [1, 2.5]}, {"index": 0, "embedding": packed}, usage={"prompt_tokens": 7})
    async with vendor_at(lambda body: answer) as (vendor, address):
        provider = provider_at(address, embedding_model="small", models=[{"name": "embedder", "alias": "small"}])

        made = await provider.embed(["a", "b"])

    assert made.vectors == ((0.5, -1.0), (1.0, 2.5))
    assert (made.model, made.usage) == ("embedder", Usage(input_tokens=7))
    assert vendor.requests[0].url.path == "/v1/embeddings"
    assert vendor.bodies == [{"model": "embedder", "input": ["a", "b"], "encoding_format": "float"}]


async def test_many_texts_go_in_portions_that_the_provider_takes(provider_at):
    def answer(body):
        return vectors(*({"embedding": [float(text)]} for text in body["input"]), usage={"total_tokens": 1})

    async with vendor_at(answer) as (vendor, address):
        made = await provider_at(address, profile="cohere", embedding_model="e").embed([str(n) for n in range(100)])

    assert [len(body["input"]) for body in vendor.bodies] == [96, 4]
    assert made.vectors == tuple((float(n),) for n in range(100))
    assert made.usage == Usage(input_tokens=2)


async def test_no_texts_are_no_request(provider_at):
    made = await provider_at("http://127.0.0.1:9", embedding_model="e").embed([])

    assert made.vectors == ()


async def test_a_provider_without_an_embedding_model_says_so(provider_at):
    with pytest.raises(ModelNotFound, match="no `embedding_model` is configured"):
        await provider_at("http://127.0.0.1:9").embed(["a"])


@pytest.mark.parametrize(
    ("response", "failure"),
    [
        (vectors(), BrokenStream),
        (vectors({"index": 0, "embedding": [1]}, {"index": 1, "embedding": [1]}), BrokenStream),
        (vectors({"index": 0, "embedding": ["x"]}), BrokenStream),
        (vectors({"index": 0, "embedding": "%%"}), BrokenStream),
        (vectors({"index": "0", "embedding": None}, None), BrokenStream),
        (JSONResponse({"data": {}}), NotAStream),
        (JSONResponse([1]), NotAStream),
        (Response("<html>"), NotAStream),
        (JSONResponse({"error": {"message": "model_not_found"}}), ModelNotFound),
        (JSONResponse({}, 404), ModelNotFound),
    ],
)
async def test_vectors_that_do_not_fit_the_texts_are_a_failure(provider_at, response, failure):
    async with vendor_at(lambda body: response) as (_, address):
        with pytest.raises(failure):
            await provider_at(address, embedding_model="e").embed(["a"])


async def test_a_pool_knows_what_a_live_list_said_without_asking_again():
    async with vendor_at(lambda body: JSONResponse(LIST)) as (vendor, address):
        registry = ProviderRegistry([ProviderConfig(name="p", api_base=f"{address}/v1")])
        pool = ProviderPool(registry)
        before = pool.capabilities("p", "m")

        listing = await pool.models("p", live=True)
        after = pool.capabilities("p", "m")
        await pool.aclose()

    assert (before, after) == (ModelInfo("m"), ModelInfo("m", 9))
    assert listing.live
    assert len(vendor.requests) == 1
