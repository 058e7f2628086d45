"""What Converse and ConverseStream say becomes deltas, up to the proper end of the answer or to its failure."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from utils.chat import Delta, Image, ToolCallDelta, Usage
from utils.errors import BrokenStream, ContentRefused, ContextTooLong, EmptyAnswer, ProviderFailure

_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "content_filtered": "content_filter",
    "guardrail_intervened": "content_filter",
}
"""Why the model stopped, in OpenAI's words."""
_BAD_ENDS = frozenset(("malformed_model_output", "malformed_tool_use"))
_ENDS_WITHOUT_A_WORD: Mapping[str, tuple[type[ProviderFailure], str]] = {
    "content_filtered": (ContentRefused, "the provider's content filter withheld the answer"),
    "guardrail_intervened": (ContentRefused, "the guardrail withheld the answer"),
    "model_context_window_exceeded": (ContextTooLong, "the conversation left no room for an answer"),
}


class AnswerReader:
    """Turns the events of one answer into deltas, and remembers how it ended."""

    def __init__(self) -> None:
        self.has_content = False
        self.stop_reason: str | None = None
        self.usage: Usage | None = None
        self._calls: dict[int, int] = {}
        """The number of each tool call by the number of its block."""
        self._format = "png"

    def read(self, event: Mapping[str, Any]) -> Delta | None:
        """What the event says of the answer, or None. The end is kept for `end`, since the usage comes behind it."""
        for name, said in event.items():
            if name == "messageStop":
                self.stop_reason = said["stopReason"]
            elif name == "metadata":
                self.usage = usage_of(said.get("usage") or {})
            elif read := _READERS.get(name):
                delta = read(self, said)
                if delta is not None and delta.has_content:
                    self.has_content = True
                    return delta
        return None

    def end(self) -> Delta:
        """The last delta. Raises why the answer is not whole where it is not."""
        if failure := self._why_not_whole():
            raise failure
        reason = str(self.stop_reason)
        return Delta(finish_reason=_REASONS.get(reason, reason), usage=self.usage)

    def _why_not_whole(self) -> ProviderFailure | None:
        reason = self.stop_reason
        if reason is None and self.has_content:
            return BrokenStream("the answer ended without a stop reason")
        if reason in _BAD_ENDS:
            return BrokenStream(f"the model ended the answer with an error ({reason})")
        if self.has_content:
            return None
        failure, why = _ENDS_WITHOUT_A_WORD.get(reason or "", (EmptyAnswer, "the answer ended without any content"))
        return failure(why)

    def _block_started(self, said: Mapping[str, Any]) -> Delta | None:
        start = said["start"]
        if "image" in start:
            self._format = start["image"].get("format", "png")
        use = start.get("toolUse")
        if use is None:
            return None
        index = self._calls.setdefault(said["contentBlockIndex"], len(self._calls))
        return Delta(tool_calls=(ToolCallDelta(index, use["toolUseId"], use["name"]),))

    def _block_went_on(self, said: Mapping[str, Any]) -> Delta | None:
        delta = said["delta"]
        if "toolUse" in delta:
            index = self._calls.setdefault(said["contentBlockIndex"], len(self._calls))
            return Delta(tool_calls=(ToolCallDelta(index, arguments=delta["toolUse"].get("input", "")),))
        if "image" in delta:
            return Delta(images=(_picture(self._format, delta["image"]),))
        return Delta(text=delta.get("text", ""), reasoning=delta.get("reasoningContent", {}).get("text", ""))


_READERS = {"contentBlockStart": AnswerReader._block_started, "contentBlockDelta": AnswerReader._block_went_on}


def deltas_in(response: Mapping[str, Any]) -> Iterator[Delta]:
    """The deltas of an answer that came at once. Raises why it is not whole where it is not."""
    reader = AnswerReader()
    for event in _as_events(response):
        if delta := reader.read(event):
            yield delta
    yield reader.end()


def usage_of(counts: Mapping[str, Any]) -> Usage:
    """The tokens. What is read from the cache, or written to it, is counted beside the input there."""
    read, written = counts.get("cacheReadInputTokens") or 0, counts.get("cacheWriteInputTokens") or 0
    return Usage(
        (counts.get("inputTokens") or 0) + read + written,
        counts.get("outputTokens") or 0,
        cached_tokens=read,
        cache_write_tokens=written,
    )


def _as_events(response: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    message = (response.get("output") or {}).get("message") or {}
    for index, block in enumerate(message.get("content", ())):
        if use := block.get("toolUse"):
            yield {"contentBlockStart": {"contentBlockIndex": index, "start": {"toolUse": use}}}
            said: dict[str, Any] = {"toolUse": {"input": json.dumps(use.get("input") or {})}}
        elif picture := block.get("image"):
            yield {"contentBlockStart": {"contentBlockIndex": index, "start": {"image": picture}}}
            said = {"image": picture}
        else:
            thought = block.get("reasoningContent", {}).get("reasoningText", {})
            said = {"text": block.get("text", ""), "reasoningContent": thought}
        yield {"contentBlockDelta": {"contentBlockIndex": index, "delta": said}}
    yield {"messageStop": {"stopReason": response.get("stopReason", "end_turn")}}
    yield {"metadata": response}


def _picture(kind: str, block: Mapping[str, Any]) -> Image:
    data = (block.get("source") or {}).get("bytes", b"")
    return Image(f"data:image/{kind};base64,{base64.b64encode(data).decode()}")
