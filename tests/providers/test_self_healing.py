"""A parameter that a provider refuses by its name costs one more request, once, and never the answer."""

import json
from typing import Any

import pytest
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs

from tests.serving import serving
from utils.errors import ProviderFailure, RateLimited, RequestRejected
from utils.providers.request_body import request_body
from utils.registry import ProviderConfig

from .asking import answer, deltas, question
from .upstreams import DONE, WHOLE, Upstream, ending, event, saying


class Picky:
    """Refuses what its rules name, the first rule first, and answers everything else."""

    def __init__(self, refusals: dict[str, Any], status: int = 400) -> None:
        self.app = Starlette(routes=[Route("/v1/chat/completions", self._answer, methods=["POST"])])
        self.bodies: list[dict[str, Any]] = []
        self._refusals = refusals
        self._status = status

    async def _answer(self, request: Request) -> Response:
        body = json.loads(await request.body())
        self.bodies.append(body)
        for name, refusal in self._refusals.items():
            if name in body:
                return JSONResponse(refusal, self._status)
        return Response(b"".join(WHOLE), media_type="text/event-stream")


def says(message: str, **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", **fields}}


EVERYTHING = {
    "temperature": 0.5,
    "top_p": 0.5,
    "max_tokens": 9,
    "stop": ["x"],
    "logit_bias": {"1": 1},
    "presence_penalty": 0.5,
    "reasoning_effort": "low",
    "stream_options": {"include_usage": True},
    "seed": 7,
    "user": "u",
}


@pytest.mark.parametrize(
    ("name", "status", "refusal"),
    [
        ("temperature", 400, says("Unsupported value: 'temperature' does not support 0.5.", param="temperature")),
        ("temperature", 400, says("invalid temperature: only 1 is allowed for this model")),
        ("temperature", 400, {"message": "temperature is not supported by this model"}),
        ("top_p", 400, says("`temperature` and `top_p` cannot both be specified for this model.")),
        ("max_tokens", 400, says("max_tokens is too large: 9. This model supports at most 8 completion tokens.")),
        ("stop", 400, {"code": "Client specified an invalid argument", "error": "Argument not supported: stop"}),
        ("stop", 400, says("Unsupported parameter: 'stop' is not supported with this model.", param="stop", code="x")),
        ("presence_penalty", 400, {"error": "Model grok-4 does not support parameter presencePenalty."}),
        ("logit_bias", 400, [{"error": {"code": 400, "message": 'Unknown name "logit_bias": Cannot find field.'}}]),
        ("seed", 400, [{"error": {"code": 400, "message": 'Invalid JSON payload. Unknown name "seed": no field.'}}]),
        ("reasoning_effort", 400, {"error": "registry/x: reasoning_effort is not supported"}),
        (
            "stream_options",
            422,
            {"detail": [{"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "Extra inputs"}]},
        ),
        ("user", 422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "user"], "msg": "Extra inputs"}]}),
        ("seed", 422, {"object": "error", "message": {"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs"}]}}),
        ("seed", 422, {"object": "error", "message": json.dumps({"detail": [{"loc": ["body", "seed"], "input": 7}]})}),
        ("user", 400, {"message": "[{'type': 'extra_forbidden', 'loc': ('body', 'user'), 'msg': 'No', 'input': 'u'}]"}),
        ("stream_options", 400, says("Unknown parameter", param="stream_options.include_usage")),
        ("stream_options", 422, {"detail": [{"loc": ["body", "stream_options", "include_usage"], "msg": "No"}]}),
        (
            "stream_options",
            400,
            [{"error": {"code": 400, "message": "Unknown name \"include_usage\" at 'stream_options': Cannot find"}}],
        ),
        (
            "presence_penalty",
            400,
            [
                {
                    "error": {
                        "details": [{"fieldViolations": [{"field": "config.presence_penalty", "description": "No"}]}]
                    }
                }
            ],
        ),
        (
            "temperature",
            400,
            says("'temperature' does not support 0.5 with this model. Only the default (1) value is supported."),
        ),
        ("temperature", 400, says("`temperature` is deprecated for this model.")),
        ("user", 400, says("Extra inputs are not permitted, field: 'user', value: 'u'")),
        ("seed", 400, says("Unrecognized request argument supplied: seed")),
        ("logit_bias", 400, says("property 'logit_bias' is unsupported")),
        ("stop", 400, says("litellm.UnsupportedParamsError: m does not support parameters: ['stop'], for model=m")),
        ("top_p", 400, says("temperature and top_p are mutually exclusive")),
    ],
)
async def test_the_answer_comes_without_the_parameter_that_was_refused(provider_at, name, status, refusal):
    picky = Picky({name: refusal}, status)

    async with serving(picky.app) as address:
        said = await answer(provider_at(address), params=EVERYTHING)

    assert said == "Hello"
    assert [set(EVERYTHING) - set(body) for body in picky.bodies] == [set(), {name}]


async def test_several_that_are_refused_at_once_are_left_out_at_once(provider_at):
    picky = Picky({"temperature": says("the model does not support parameters: ['temperature', 'top_p']")})

    async with serving(picky.app) as address:
        await answer(provider_at(address), params=EVERYTHING)

    assert set(EVERYTHING) - set(picky.bodies[1]) == {"temperature", "top_p"}


@pytest.mark.parametrize(
    ("sent", "wanted", "refusal"),
    [
        (
            "max_tokens",
            "max_completion_tokens",
            "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.",
        ),
        ("max_completion_tokens", "max_tokens", "unknown field max_completion_tokens; use `max_tokens` instead"),
        ("seed", "random_seed", 'unknown parameter "seed", please use "random_seed" instead'),
    ],
)
async def test_a_parameter_is_sent_under_the_name_that_is_wanted(provider_at, sent, wanted, refusal):
    picky = Picky({sent: says(refusal)})

    async with serving(picky.app) as address:
        provider = provider_at(address, params={sent: 9})
        for _ in range(2):
            await answer(provider)

    assert [(body.get(sent), body.get(wanted)) for body in picky.bodies] == [(9, None), (None, 9), (None, 9)]


async def test_another_parameter_that_is_recommended_does_not_get_the_value(provider_at):
    picky = Picky({"thinking_budget": says("thinking_budget is unknown, use reasoning_effort instead")})

    async with serving(picky.app) as address:
        await answer(provider_at(address), params={"thinking_budget": 5})

    assert "reasoning_effort" not in picky.bodies[1]


async def test_a_name_that_stands_far_behind_is_found_too(provider_at):
    details = [{"loc": ["body", f"x{number}"], "msg": "Extra inputs are not permitted"} for number in range(12)]
    picky = Picky({"seed": {"detail": [*details, {"loc": ["body", "seed"], "msg": "Extra inputs"}]}}, 422)

    async with serving(picky.app) as address:
        assert await answer(provider_at(address), params=EVERYTHING) == "Hello"


async def test_what_was_learned_is_kept_for_that_model_and_no_other(provider_at):
    picky = Picky({"temperature": says("temperature is not supported")})

    async with serving(picky.app) as address:
        provider = provider_at(address)
        for model in ("a", "a", "b", "a"):
            await answer(provider, model=model, temperature=0.5)

    assert [(body["model"], "temperature" in body) for body in picky.bodies] == [
        *[("a", True), ("a", False), ("a", False)],
        *[("b", True), ("b", False)],
        ("a", False),
    ]


async def test_parameters_that_are_refused_one_after_the_other_are_all_learned(provider_at):
    picky = Picky({name: says(f"'{name}' is not supported") for name in ("temperature", "top_p", "logit_bias")})

    async with serving(picky.app) as address:
        provider = provider_at(address)
        for _ in range(2):
            with pytest.raises(RequestRejected):
                await answer(provider, params=EVERYTHING)
        said = [await answer(provider, params=EVERYTHING) for _ in range(2)]

    assert said == ["Hello", "Hello"]
    assert len(picky.bodies) == 2 + 2 + 2 + 1
    assert set(EVERYTHING) - set(picky.bodies[-1]) == {"temperature", "top_p", "logit_bias"}


async def test_a_name_that_is_refused_too_after_it_was_put_in_place_of_another_is_left_out(provider_at):
    picky = Picky(
        {
            "max_tokens": says("max_tokens is unknown, use max_completion_tokens instead"),
            "max_completion_tokens": says("max_completion_tokens is unknown"),
        }
    )

    async with serving(picky.app) as address:
        provider = provider_at(address)
        with pytest.raises(RequestRejected):
            await answer(provider, max_tokens=9)
        for _ in range(2):
            await answer(provider, max_tokens=9)

    assert [{"max_tokens", "max_completion_tokens"} & set(body) for body in picky.bodies] == [
        {"max_tokens"},
        {"max_completion_tokens"},
        {"max_completion_tokens"},
        set(),
        set(),
    ]


@pytest.mark.parametrize(
    ("status", "refusal", "failure"),
    [
        (400, says("the messages are wrong"), RequestRejected),
        (400, says("tools are not supported", param="tools"), RequestRejected),
        (400, says("'model' and 'messages' are required"), RequestRejected),
        (400, says("please stop this, a user asked you for a seed"), RequestRejected),
        (400, says("unknown parameter: 'top_k'", param="top_k"), RequestRejected),
        (400, says("Invalid value: 'developer'. Supported: 'user'", param="messages[0].role"), RequestRejected),
        (400, says("'messages.0' : for 'role:user' property 'name' is unsupported"), RequestRejected),
        (400, says("messages[2].content: 'user' is wrong, and temperature too"), RequestRejected),
        (422, {"detail": [{"loc": ["body", "messages", 0, "user", "name"], "msg": "Extra inputs"}]}, RequestRejected),
        (400, {"error": {"message": "Unknown name \"user\" at 'messages[0]': Cannot find field."}}, RequestRejected),
        (400, {"message": "[{'loc': ('body', 'messages', 0, 'user', 'seed'), 'msg': 'no'}]"}, RequestRejected),
        (400, says("Invalid 'tools[0].function': 'stop' is no name", param="tools[0].function.name"), RequestRejected),
        (429, says("rate limit reached: lower your max_tokens"), RateLimited),
        (500, says("temperature sensor broken"), ProviderFailure),
    ],
)
async def test_what_names_no_parameter_of_ours_is_not_asked_again(provider_at, status, refusal, failure):
    picky = Picky({"messages": refusal}, status)

    async with serving(picky.app) as address:
        with pytest.raises(failure):
            await answer(provider_at(address), params=EVERYTHING, tools=({"type": "function"},))

    assert len(picky.bodies) == 1


async def test_a_refusal_that_stays_the_same_teaches_nothing(provider_at):
    picky = Picky({"messages": says("temperature is not supported")})

    async with serving(picky.app) as address:
        provider = provider_at(address)
        with capture_logs() as log:
            for _ in range(2):
                with pytest.raises(RequestRejected):
                    await answer(provider, temperature=0.5)

    assert ["temperature" in body for body in picky.bodies] == [True, False, True, False]
    assert log == []


async def test_nothing_is_asked_again_after_the_answer_has_begun(provider_at):
    refusal = {"error": {"message": "temperature is not supported", "code": 400}}
    upstream = Upstream(saying("Hel"), event(refusal), ending("stop"), DONE)

    async with serving(upstream.app) as address:
        with pytest.raises(RequestRejected):
            await answer(provider_at(address), temperature=0.5)

    assert len(upstream.bodies) == 1


@pytest.mark.parametrize(
    ("fields", "asked", "refusals"),
    [
        ({}, {"model": "m", "temperature": 0.5}, {"temperature": says("temperature is not supported")}),
        ({}, {"temperature": 0.5}, {"temperature": says("temperature is not supported")}),
        (
            {},
            {"model": "m:1", "max_tokens": 9},
            {"max_tokens": says("use max_completion_tokens instead of max_tokens")},
        ),
        (
            {},
            {"model": 'odd "name" # here', "max_tokens": 9},
            {"max_tokens": says("max_tokens is unknown; use max_completion_tokens instead")},
        ),
        ({"profile": "openai"}, {"model": "m"}, {"stream_options": says("unknown field stream_options")}),
        ({"profile": "groq"}, {"model": "m", "temperature": 1}, {"temperature": says("temperature is not supported")}),
    ],
)
async def test_the_log_says_once_which_line_makes_it_permanent(provider_at, fields, asked, refusals):
    picky = Picky(refusals)

    async with serving(picky.app) as address:
        provider = provider_at(address, **fields)
        with capture_logs() as log:
            for _ in range(3):
                await answer(provider, **asked)

    (line,) = log
    assert (line["event"], line["log_level"], line["provider"]) == ("provider.parameter_refused", "warning", "upstream")
    entry = {**provider.config.model_dump(exclude_unset=True), **yaml.safe_load(line["for_providers_yaml"])}
    assert request_body(ProviderConfig.model_validate(entry), question("Hi", **asked)) == picky.bodies[-1]


@pytest.mark.parametrize(("profile", "tokens"), [("xai", 12), ("openai", 5)])
async def test_tokens_of_thinking_are_added_where_they_are_counted_apart(provider_at, profile, tokens):
    counted = {"prompt_tokens": 1, "completion_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 7}}
    upstream = Upstream(saying("Hi"), ending("stop"), event({"choices": [], "usage": counted}), DONE)

    async with serving(upstream.app) as address:
        said = await deltas(provider_at(address, profile=profile), question())

    assert [delta.usage.output_tokens for delta in said if delta.usage] == [tokens]
