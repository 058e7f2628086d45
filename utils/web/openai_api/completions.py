"""POST /v1/chat/completions."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp

from utils.chat import ChatRequest, ToolCall
from utils.errors import BrokenStream

from ..asking import Asking
from ..catalogue import Asked
from ..event_stream import EventStream
from ..json_body import checked
from ..said import Said, usage_json
from ..visit import ROUTE, Visit
from .chat_body import ChatBody
from .frames import DONE, Frames, comment, image_json, signature_json
from .question import messages_of, wishes_of, with_pictures


async def complete(visit: Visit, asking: Asking) -> ASGIApp:
    """The answer to the question: whole, or as a stream that has begun already."""
    body = checked(visit.body, ChatBody)
    asked = asking.catalogue().asked(visit.client, body.model, provider=body.provider)
    wishes = wishes_of(body)
    messages = messages_of(body, asked.images)
    origin = visit.origin("openai", asked.bot_name, body.user)
    asked.count(visit.client)
    messages = await with_pictures(messages, asked.images, asking.fetch)
    request = asked.request(messages, wishes, origin)
    if body.stream:
        with_usage = bool(body.stream_options and body.stream_options.include_usage)
        return EventStream(_frames(visit, asking, asked, request, with_usage=with_usage))
    with asking.visiting():
        async with aclosing(asked.chat.stream(request)) as deltas:
            said = await Said.all_of(deltas)
    return JSONResponse(_completion(said, asked.name, visit.reference))


async def _frames(
    visit: Visit, asking: Asking, asked: Asked, request: ChatRequest, *, with_usage: bool
) -> AsyncGenerator[bytes, None]:
    frames = Frames(visit.reference, asked.name, int(time.time()), with_usage=with_usage)
    reason = usage = None
    has_begun = False
    with asking.visiting():
        async with aclosing(asked.chat.stream(request)) as deltas:
            async for delta in deltas:
                if delta.restarts and has_begun:
                    raise BrokenStream("the answer began anew, and what was sent of it cannot be taken back")
                has_begun = has_begun or delta.has_content
                reason, usage = delta.finish_reason or reason, delta.usage or usage
                if frame := frames.of(delta):
                    yield frame
    yield _ending(frames, reason, usage if with_usage else None, visit)


def _ending(frames: Frames, reason: str | None, usage: Any, visit: Visit) -> bytes:
    route = visit.route()
    told = comment(f"{ROUTE}: {route}") if route else b""
    return frames.finish(reason) + (frames.usage(usage) if usage else b"") + told + DONE


def _completion(said: Said, model: str, reference: str) -> dict[str, Any]:
    calls = [_call(call) for call in said.tool_calls]
    message = {
        "role": "assistant",
        "content": said.text if said.text or not calls else None,
        "refusal": None,
        **({"reasoning_content": said.reasoning} if said.reasoning else {}),
        **({"tool_calls": calls} if calls else {}),
        **({"images": [image_json(image.url) for image in said.images]} if said.images else {}),
    }
    return {
        "id": f"chatcmpl-{reference}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "system_fingerprint": None,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": said.reason}],
        **({"usage": usage_json(said.usage)} if said.usage else {}),
    }


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function, **signature_json(call.signature)}
