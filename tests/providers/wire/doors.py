"""What each vendor lets in: a strict door that refuses as the vendor does, and remembers what came through."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.providers.upstreams import WHOLE

Body = Mapping[str, Any]
Objection = Callable[[Body], str | None]

_ALWAYS = {"model", "messages", "stream", "tools", "tool_choice", "temperature", "top_p", "stop"}
_PENALTIES = {"frequency_penalty", "presence_penalty"}
_OPENAI = {*_ALWAYS, *_PENALTIES, "max_completion_tokens", "seed", "user", "logit_bias", "n", "stream_options"}
_COMMON = {*_ALWAYS, *_PENALTIES, "max_tokens", "seed", "user", "logit_bias", "n", "stream_options"}


@dataclass(frozen=True)
class Door:
    """What comes in: the fields of the body and of a message, and how anything else is refused."""

    model: str
    fields: frozenset[str]
    refuse: Callable[[str], tuple[int, Any]]
    message_fields: frozenset[str] = frozenset(("role", "content", "tool_calls", "tool_call_id"))
    objections: tuple[Objection, ...] = ()

    def objection(self, body: Body) -> str | None:
        """The field that is refused first, or None."""
        for name in body:
            if name not in self.fields:
                return name
        for message in body["messages"]:
            if unknown := set(message) - self.message_fields:
                return f"messages.{unknown.pop()}"
        return next((said for objection in self.objections if (said := objection(body))), None)


def _openais(name: str) -> tuple[int, Any]:
    message = f"Unsupported parameter: '{name}' is not supported with this model."
    return 400, {"error": {"message": message, "type": "invalid_request_error", "param": name, "code": None}}


def _googles(name: str) -> tuple[int, Any]:
    message = f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.'
    return 400, [{"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}]


def _mistrals(name: str) -> tuple[int, Any]:
    detail = [{"type": "extra_forbidden", "loc": ["body", *name.split(".")], "msg": "Extra inputs are not permitted"}]
    return 422, {"object": "error", "message": {"detail": detail}, "type": "invalid_request_error"}


def _xais(name: str) -> tuple[int, Any]:
    return 400, {"code": "Client specified an invalid argument", "error": f"Argument not supported: {name}"}


def _plain(name: str) -> tuple[int, Any]:
    return 400, {"message": f"invalid request: unknown field {name}"}


def _calls(body: Body) -> Iterator[Mapping[str, Any]]:
    for message in body["messages"]:
        yield from message.get("tool_calls") or ()


def _pictures(body: Body) -> Iterator[str]:
    for message in body["messages"]:
        for part in message["content"] if isinstance(message["content"], list) else ():
            if part["type"] == "image_url":
                yield part["image_url"]["url"]


def short_ids(body: Body) -> str | None:
    ids = [call["id"] for call in _calls(body)] + [m["tool_call_id"] for m in body["messages"] if "tool_call_id" in m]
    return next((f"tool call id {id}" for id in ids if not re.fullmatch("[a-zA-Z0-9]{9}", id)), None)


def answers_to_calls(body: Body) -> str | None:
    made = {call["id"] for call in _calls(body)}
    return next(
        ("tool_call_id" for message in body["messages"] if message.get("tool_call_id", next(iter(made))) not in made),
        None,
    )


def signed(body: Body) -> str | None:
    first = [message["tool_calls"][0] for message in body["messages"] if message.get("tool_calls")]
    return next(
        ("thought_signature" for call in first if not call["extra_content"]["google"]["thought_signature"]), None
    )


def echoed(body: Body) -> str | None:
    turns = [message for message in body["messages"] if message.get("tool_calls")]
    return next(("reasoning_content" for turn in turns if "reasoning_content" not in turn), None)


def inline_pictures(body: Body) -> str | None:
    return next(("image_url" for url in _pictures(body) if not url.startswith("data:")), None)


def cool(most: float) -> Objection:
    return lambda body: "temperature" if body.get("temperature", 0) > most else None


def one_system_message(body: Body) -> str | None:
    return "messages" if sum(message["role"] == "system" for message in body["messages"]) > 1 else None


def counted(body: Body) -> str | None:
    return None if body.get("stream_options") == {"include_usage": True} else "stream_options"


_THOUGHTFUL = frozenset(("role", "content", "tool_calls", "tool_call_id", "reasoning_content"))

DOORS = {
    "openai": Door("gpt-4o-mini", frozenset(_OPENAI), _openais, objections=(counted, cool(2))),
    "openai reasoning": Door(
        "o4-mini",
        frozenset(_OPENAI - {"temperature", "top_p", "logit_bias", "stop", *_PENALTIES}),
        _openais,
        objections=(counted,),
    ),
    "anthropic": Door("claude-haiku-4-5", frozenset(_COMMON), _openais, objections=(counted, cool(1))),
    "anthropic thinking": Door(
        "claude-haiku-5-5",
        frozenset(_COMMON - {"temperature", "top_p", "logit_bias", *_PENALTIES}),
        _openais,
        objections=(counted,),
    ),
    "gemini": Door(
        "gemini-3.8-flash",
        frozenset(_COMMON - {"seed", "logit_bias", *_PENALTIES}),
        _googles,
        objections=(counted, signed, inline_pictures),
    ),
    "fireworks": Door("accounts/fireworks/models/m", frozenset(_COMMON), _plain, objections=(counted,)),
    "together": Door("openai/gpt-oss-120b", frozenset(_COMMON), _openais, objections=(counted,)),
    "groq": Door(
        "openai/gpt-oss-20b", frozenset(_OPENAI - {"logit_bias", *_PENALTIES}), _openais, objections=(counted,)
    ),
    "ollama": Door("gpt-oss:20b", frozenset(_COMMON), _openais, objections=(counted, inline_pictures)),
    "azure": Door("gpt-4o", frozenset(_OPENAI), _openais, objections=(counted,)),
    "bedrock": Door("openai.gpt-oss-120b-1:0", frozenset(_OPENAI), _plain, objections=(counted, inline_pictures)),
    "huggingface": Door(
        "openai/gpt-oss-120b:fastest", frozenset(_COMMON - {"logit_bias", "n"}), _plain, objections=(counted,)
    ),
    "cohere": Door(
        "command-r7b-12-2024",
        frozenset(_COMMON - {"logit_bias", "n", "stream_options"}),
        _plain,
        objections=(cool(1), one_system_message),
    ),
    "openrouter": Door("openai/gpt-6-luna", frozenset(_COMMON - {"stream_options"}), _openais),
    "mistral": Door(
        "mistral-small-latest",
        frozenset({*_ALWAYS, *_PENALTIES, "max_tokens", "random_seed", "n", "response_format"}),
        _mistrals,
        objections=(short_ids, cool(1.5), one_system_message),
    ),
    "deepseek": Door(
        "deepseek-flash", frozenset(_COMMON), _openais, message_fields=_THOUGHTFUL, objections=(counted, echoed)
    ),
    "xai": Door("grok-4.3", frozenset(_COMMON - {"stop", *_PENALTIES}), _xais, objections=(counted,)),
    "cerebras": Door(
        "gpt-oss-120b", frozenset(_OPENAI - {"logit_bias"}), _plain, objections=(counted, inline_pictures)
    ),
    "sambanova": Door("gpt-oss-120b", frozenset(_COMMON), _openais, objections=(counted,)),
    "nvidia": Door("openai/gpt-oss-120b", frozenset(_COMMON), _mistrals, objections=(counted, one_system_message)),
    "moonshot": Door(
        "kimi-k2.6",
        frozenset(_COMMON - {"temperature", "top_p", "logit_bias", *_PENALTIES}),
        _openais,
        message_fields=_THOUGHTFUL,
        objections=(counted, echoed),
    ),
    "poe": Door("Claude-Sonnet-4.6", frozenset(_COMMON), _openais, objections=(counted,)),
    "vllm": Door("m", frozenset(_COMMON), _mistrals, objections=(counted, one_system_message)),
    "lmstudio": Door("m", frozenset(_COMMON), _openais, objections=(counted, inline_pictures)),
    "llamacpp": Door("m", frozenset(_COMMON), _openais, objections=(counted, inline_pictures)),
    "litellm": Door("m", frozenset(_COMMON), _openais, objections=(counted,)),
    "neutral": Door("m", frozenset(_COMMON), _openais, objections=(counted,)),
}
"""By profile; a second word is another model of the same vendor."""


class Doorkeeper:
    """Lets in what the vendor would, and answers it."""

    def __init__(self, door: Door) -> None:
        self.app = Starlette(routes=[Route("/v1/chat/completions", self._answer, methods=["POST"])])
        self.bodies: list[dict[str, Any]] = []
        self._door = door

    async def _answer(self, request: Request) -> Response:
        body = json.loads(await request.body())
        self.bodies.append(body)
        if objection := self._door.objection(body):
            status, said = self._door.refuse(objection)
            return JSONResponse(said, status)
        return Response(b"".join(WHOLE), media_type="text/event-stream")
