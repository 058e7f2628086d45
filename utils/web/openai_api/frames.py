"""The events of a streamed chat completion as bytes, made without a detour: there is one for every piece of an answer.

The JSON is escaped to ASCII, for not every reader of event streams leaves U+2028 inside a line alone.
"""

from collections.abc import Iterator
from json import dumps
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from utils.chat import Delta, ToolCallDelta

from ..said import known_reason, usage_json

DONE = b"data: [DONE]\n\n"


class Frames:
    """Writes the events of one answer."""

    def __init__(self, reference: str, model: str, created: int, *, with_usage: bool) -> None:
        usage = ',"usage":null' if with_usage else ""
        self._head = (
            f'data: {{"id":"chatcmpl-{reference}","object":"chat.completion.chunk","created":{created},'
            f'"model":{quoted(model)},"system_fingerprint":null,"choices":['
        )
        self._after = f'}},"logprobs":null,"finish_reason":null}}]{usage}}}\n\n'
        self._usage = usage
        self._has_begun = False

    def of(self, delta: Delta) -> bytes:
        """The event for one piece; nothing for one in which there is nothing to be seen."""
        parts = ",".join(self._parts(delta))
        return f'{self._head}{{"index":0,"delta":{{{parts}{self._after}'.encode("ascii") if parts else b""

    def finish(self, reason: str | None) -> bytes:
        """The event that says why the answer has ended."""
        choice = f'{{"index":0,"delta":{{}},"logprobs":null,"finish_reason":{quoted(known_reason(reason))}}}'
        return f"{self._head}{choice}]{self._usage}}}\n\n".encode("ascii")

    def usage(self, usage: Any) -> bytes:
        """The event with the count of tokens, which has no choices."""
        return f'{self._head}],"usage":{dumps(usage_json(usage))}}}\n\n'.encode("ascii")

    def _parts(self, delta: Delta) -> Iterator[str]:
        if not self._has_begun and delta.has_content:
            self._has_begun = True
            yield f'"role":"assistant","content":{quoted(delta.text)}'
        elif delta.text:
            yield f'"content":{quoted(delta.text)}'
        if delta.reasoning:
            yield f'"reasoning_content":{quoted(delta.reasoning)}'
        if delta.tool_calls:
            yield f'"tool_calls":{dumps([_call(call) for call in delta.tool_calls])}'
        if delta.images:
            yield f'"images":{dumps([image_json(image.url) for image in delta.images])}'


def image_json(url: str) -> dict[str, Any]:
    """A picture that a model has made, as OpenRouter's clients know it."""
    return {"type": "image_url", "image_url": {"url": url}}


def signature_json(signature: str | None) -> dict[str, Any]:
    """What the vendor of a call wants to see again with it, where Google's own clients have it."""
    return {"extra_content": {"google": {"thought_signature": signature}}} if signature else {}


def _call(call: ToolCallDelta) -> dict[str, Any]:
    begins = {"id": call.id, "type": "function"} if call.id is not None else {}
    function = {**({"name": call.name} if call.name is not None else {}), "arguments": call.arguments}
    return {"index": call.index, **begins, "function": function, **signature_json(call.signature)}


def comment(text: str) -> bytes:
    """A line that clients pass over, for a person who looks at the stream."""
    return f": {text}\n\n".encode("ascii", "replace")
