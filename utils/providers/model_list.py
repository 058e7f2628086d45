"""What a provider answers when it is asked for its models. No two write it the same way; what is garbled is unknown.

Which key says what was read in the vendors' own clients: OpenRouter, Hugging Face, Mistral, Groq, Together, Fireworks,
Cohere, Anthropic, Google, vLLM, llama.cpp, Ollama.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from utils.chat import ModelInfo
from utils.errors import ProviderFailure

from .failures import from_stream, without_secrets
from .whole_body import not_what_was_asked

_MOST_MODELS = 20_000
_LONGEST_NAME = 300
_LARGEST_CONTEXT = 1_000_000_000

_LISTS = ("data", "models", "result", "items")
_NAMES = ("id", "name", "model")
# Keys are compared without underscores and in small letters, for Google and Fireworks write them in camel case.
_CONTEXT = (
    *("contextlength", "contextwindow", "maxcontextlength", "maxmodellen", "maxinputtokens", "inputtokenlimit"),
    *("maxcontextwindow", "contextsize", "maxsequencelength", "nctx", "nctxtrain"),
)
_VISION = ("vision", "supportsvision", "supportsimageinput", "imageinput", "supportsimages")
_TOOLS = ("tools", "supportstools", "functioncalling", "supportsfunctioncalling", "toolcalling", "tooluse")
_REASONING = ("reasoning", "thinking", "supportsreasoning", "supportsthinking", "extendedthinking")
_WORDS = {"vision": ("vision", "image", "multimodal"), "tools": ("tools", "tool_calls"), "reasoning": _REASONING}
_INNER = ("contextwindow", "capabilities", "meta", "architecture", "limits", "topprovider", "metadata")
"""Mappings inside an entry in which the same is said."""
_NO_CHAT = frozenset(
    ("image", "video", "audio", "embedding", "embeddings", "rerank", "moderation", "transcribe", "transcription", "tts")
)
"""Values of `type` at those that cannot be chatted with."""

Fields = Mapping[str, Any]
Value = TypeVar("Value")


def models_in(body: object, provider: str = "", key: str = "") -> tuple[ModelInfo, ...]:
    """The models of a list, each once, in its order. Raises a `ProviderFailure` when it is no list."""
    entries = _entries_of(body)
    if entries is None:
        raise _no_list(body, provider, key)
    found: dict[str, ModelInfo] = {}
    for entry in entries[:_MOST_MODELS]:
        if model := _model(entry):
            found.setdefault(model.name, model)
    return tuple(found.values())


def _entries_of(body: object) -> list[Any] | None:
    if isinstance(body, list):
        return body
    if isinstance(body, dict):
        for key in _LISTS:
            if isinstance(body.get(key), list):
                return list(body[key])
        if body.get("object") == "list":  # an empty list, as programs in Go write it: `"data": null`
            return []
    return None


def _no_list(body: object, provider: str, key: str) -> ProviderFailure:
    if isinstance(body, dict) and body.get("error"):
        return from_stream(body["error"], provider, key)
    return not_what_was_asked("a list of models", without_secrets(str(body)[:1000], key), provider)


def _model(entry: object) -> ModelInfo | None:
    if isinstance(entry, str):
        name = _name(entry)
        return ModelInfo(name) if name else None
    if not isinstance(entry, dict):
        return None
    name = next((name for key in _NAMES if (name := _name(entry.get(key)))), None)
    fields = _plain(entry)
    if name is None or not _chats(fields):
        return None
    return ModelInfo(
        name=name,
        context=_context(fields),
        vision=_first((_switch(fields, _VISION), _takes_pictures(fields), _among_words(fields, "vision"))),
        tools=_first((_switch(fields, _TOOLS), _takes_parameter(fields, "tools"), _among_words(fields, "tools"))),
        reasoning=_first(
            (_switch(fields, _REASONING), _takes_parameter(fields, "reasoning"), _among_words(fields, "reasoning"))
        ),
    )


def _name(value: object) -> str | None:
    """The name as it is sent in a question: Google puts `models/` before it."""
    if not isinstance(value, str):
        return None
    name = value.strip().removeprefix("models/")
    return name if name and name.isprintable() and len(name) <= _LONGEST_NAME else None


def _plain(entry: Mapping[Any, Any]) -> Fields:
    return {str(key).replace("_", "").lower(): value for key, value in entry.items()}


def _chats(fields: Fields) -> bool:
    capabilities = fields.get("capabilities")
    if isinstance(capabilities, dict) and capabilities.get("completion_chat") is False:
        return False
    for key, wanted in (("endpoints", "chat"), ("supportedgenerationmethods", "generateContent")):
        endpoints = fields.get(key)
        if isinstance(endpoints, list) and endpoints and wanted not in endpoints:
            return False
    kind = fields.get("type")
    return not (isinstance(kind, str) and kind.lower() in _NO_CHAT)


def _context(fields: Fields) -> int | None:
    stated = _first(_whole_number(inner.get(key)) for inner in _layers(fields) for key in _CONTEXT)
    if stated is not None:
        return stated
    # Hugging Face asks any of several vendors: what all of them can read is safe.
    by_vendor = (_whole_number(vendor.get("contextlength")) for vendor in _vendors(fields))
    return min((length for length in by_vendor if length), default=None)


def _layers(fields: Fields) -> Iterator[Fields]:
    yield fields
    for key in _INNER:
        if isinstance(inner := fields.get(key), dict):
            yield _plain(inner)


def _vendors(fields: Fields) -> list[Fields]:
    vendors = fields.get("providers")
    return [_plain(each) for each in vendors if isinstance(each, dict)] if isinstance(vendors, list) else []


def _switch(fields: Fields, keys: Iterable[str]) -> bool | None:
    stated = _first(_yes_or_no(inner.get(key)) for inner in _layers(fields) for key in keys)
    if stated is not None:
        return stated
    by_vendor = [
        said for vendor in _vendors(fields) for key in keys if (said := _yes_or_no(vendor.get(key))) is not None
    ]
    return any(by_vendor) if by_vendor else None


def _yes_or_no(value: object) -> bool | None:
    if isinstance(value, dict):  # Anthropic: {"supported": true}
        value = value.get("supported")
    return value if isinstance(value, bool) else None


def _takes_pictures(fields: Fields) -> bool | None:
    """Whether pictures are among what goes in, where that is listed."""
    for inner in _layers(fields):
        if words := _words_in(inner.get("inputmodalities")):
            return "image" in words
        if isinstance(modality := inner.get("modality"), str) and "->" in modality:
            return "image" in modality.partition("->")[0]
    return None


def _takes_parameter(fields: Fields, parameter: str) -> bool | None:
    words = _words_in(fields.get("supportedparameters"))
    return parameter in words if words else None


def _among_words(fields: Fields, what: str) -> bool | None:
    """A list of abilities, as Ollama's and Cohere's. What is missing there need not be missing in the model."""
    words = _words_in(fields.get("capabilities")) | _words_in(fields.get("features"))
    return True if words & set(_WORDS[what]) else None


def _words_in(value: object) -> set[str]:
    return {word.lower() for word in value if isinstance(word, str)} if isinstance(value, list) else set()


def _whole_number(value: object) -> int | None:
    if isinstance(value, str) and len(value) < 12 and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 < value <= _LARGEST_CONTEXT else None


def _first(values: Iterable[Value | None]) -> Value | None:
    return next((value for value in values if value is not None), None)
