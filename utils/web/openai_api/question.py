"""The body of a chat completion becomes a question."""

from collections.abc import Iterator
from typing import Any

import msgspec

from utils.chat import ChatMessage, Image, Role, ToolCall
from utils.registry.profile import Images

from ..catalogue import Wishes
from ..pictures import Fetch, PictureMissing, host_of, picture, shown
from ..refusals import WrongField
from .chat_body import Call, ChatBody, ImagePart, Message, RefusalPart, TextPart, params_of

_ROLES: dict[str, Role] = {"developer": "system"}


def messages_of(body: ChatBody, images: Images) -> tuple[ChatMessage, ...]:
    """The conversation. `images` says how pictures can be shown to who is asked. Raises `WrongField`."""
    return tuple(_message(message, f"messages[{at}]", images) for at, message in enumerate(body.messages))


async def with_pictures(messages: tuple[ChatMessage, ...], images: Images, fetch: Fetch) -> tuple[ChatMessage, ...]:
    """The same conversation with its pictures as the model takes them. Raises `WrongField` for one that is missing."""
    if not any(message.images for message in messages):
        return messages
    found = await shown((image for message in messages for image in message.images), images, fetch)

    def seen(image: Image, place: str) -> Image:
        one = found[image.url]
        if isinstance(one, PictureMissing):
            raise WrongField(f"`{place}`: the picture at {host_of(image.url)} cannot be used, for {one}.", place)
        return one

    return tuple(
        msgspec.structs.replace(
            message, images=tuple(seen(image, f"messages[{at}].content") for image in message.images)
        )
        for at, message in enumerate(messages)
    )


def wishes_of(body: ChatBody) -> Wishes:
    """How the answer shall be. Raises `WrongField`."""
    if body.store:
        raise WrongField("`store`: nothing is stored here; leave it out.", "store", code="unsupported_value")
    stop = (body.stop,) if isinstance(body.stop, str) else tuple(body.stop or ())
    return Wishes(
        temperature=body.temperature,
        max_tokens=body.max_completion_tokens or body.max_tokens,
        stop=stop,
        tools=tuple(_tool(tool) for tool in msgspec.to_builtins(body.tools or [])),
        params=params_of(body),
        # What has been sent in a stream stays said; what is still here can be taken back.
        can_restart=not body.stream,
    )


def _tool(tool: dict[str, Any]) -> dict[str, Any]:
    return {"type": tool["type"], "function": tool["function"]}


def _message(message: Message, place: str, images: Images) -> ChatMessage:
    if message.role == "tool" and message.tool_call_id is None:
        name = f"{place}.tool_call_id"
        raise WrongField(f"`{name}` is missing: it says which call this is the result of.", name)
    if message.content is None and not message.tool_calls and message.role != "assistant":
        raise WrongField(f"`{place}.content` is missing.", f"{place}.content")
    text, pictures = _content(message, f"{place}.content", images)
    return ChatMessage(
        _ROLES.get(message.role, message.role),  # type: ignore[arg-type]  # of the others each is a role of ours
        text,
        pictures,
        tuple(map(_call, message.tool_calls or ())) if message.role == "assistant" else (),
        message.tool_call_id if message.role == "tool" else None,
        message.reasoning_content or "",
    )


def _content(message: Message, place: str, images: Images) -> tuple[str, tuple[Image, ...]]:
    if message.content is None or isinstance(message.content, str):
        return message.content or "", ()
    words: list[str] = []
    pictures: list[Image] = []
    for at, part in enumerate(message.content):
        if isinstance(part, ImagePart):
            pictures.append(_picture(part, f"{place}[{at}].image_url", images))
        else:
            words += _words(part)
    return "\n".join(words), tuple(pictures)


def _words(part: TextPart | RefusalPart) -> Iterator[str]:
    yield part.text if isinstance(part, TextPart) else part.refusal


def _picture(part: ImagePart, place: str, images: Images) -> Image:
    if isinstance(part.image_url, str):
        return picture(part.image_url, images, place)
    return picture(part.image_url.url, images, f"{place}.url")


def _call(call: Call) -> ToolCall:
    google = (call.extra_content or {}).get("google")
    signature = google.get("thought_signature") if isinstance(google, dict) else None
    signed = signature if isinstance(signature, str) else None
    return ToolCall(call.id, call.function.name, call.function.arguments, signed)
