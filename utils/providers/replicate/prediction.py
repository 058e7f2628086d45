"""What Replicate says of a prediction, and the failures in it."""

import json
import re
from typing import Any

import msgspec

from utils.chat import Usage
from utils.errors import (
    BrokenStream,
    ContentRefused,
    ContextTooLong,
    NotAStream,
    Overloaded,
    ProviderFailure,
    RequestRejected,
)

from ..failures import from_stream, without_secrets

_ENDED = frozenset(("succeeded", "failed", "canceled", "aborted"))
_ID = re.compile(r"[\w-]+")

_WORDS: tuple[tuple[type[ProviderFailure], re.Pattern[str]], ...] = (
    # https://replicate.com/docs/reference/error-codes, and what its language models say of long prompts
    (ContextTooLong, re.compile(r"PromptTooLong|\bE1002\b|exceeds maximum input length|maximum sequence length", re.I)),
    (ContentRefused, re.compile(r"\bE005\b|flagged as sensitive|NSFW|safety filter", re.I)),
    (Overloaded, re.compile(r"\bE(6716|8367|9243|9825|4875)\b|out of memory|timeout starting prediction", re.I)),
)


class Prediction(msgspec.Struct, frozen=True):
    """A prediction as the API tells of it. `urls` are its own words: look before a key goes there."""

    id: str
    status: str = "starting"
    output: Any = None
    error: Any = None
    logs: str | None = None
    metrics: dict[str, Any] | None = None
    urls: dict[str, Any] | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status in _ENDED

    @property
    def stream_url(self) -> str | None:
        """Where the answer can be read while it is made."""
        url = (self.urls or {}).get("stream")
        return url if isinstance(url, str) and url else None

    @property
    def progress(self) -> tuple[str, int, int]:
        """Something that changes whenever the prediction gives a sign of life."""
        return self.status, len(self.logs or ""), len(self.output or "") if isinstance(self.output, list | str) else 0

    @property
    def usage(self) -> Usage | None:
        """The tokens, where the model counts them."""
        metrics = self.metrics or {}
        sent, answered = metrics.get("input_token_count"), metrics.get("output_token_count")
        if not isinstance(sent, int | float) and not isinstance(answered, int | float):
            return None
        return Usage(int(sent or 0), int(answered or 0))


def prediction_in(body: bytes, provider: str, key: str) -> Prediction:
    """The prediction in the body of an answer. Raises `NotAStream` when it is none."""
    try:
        prediction = msgspec.json.decode(body, type=Prediction)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        text = " ".join(body.decode("utf-8", "replace").split())
        said = f"instead of a prediction came: {without_secrets(text, key)[:200]}"
        raise NotAStream(said, provider=provider) from exc
    if not _ID.fullmatch(prediction.id):
        raise NotAStream("instead of a prediction came one without a usable id", provider=provider)
    return prediction


def text_of(prediction: Prediction, provider: str, key: str = "") -> str:
    """The whole answer of a prediction that has ended. Raises why there is none."""
    if prediction.status != "succeeded":
        raise failure_of(prediction, provider, key)
    output = prediction.output
    parts = output if isinstance(output, list) else [] if output is None else [output]
    if not all(isinstance(part, str) for part in parts):
        raise RequestRejected("the output is no text: this is no language model", provider=provider)
    return "".join(parts)


def failure_of(prediction: Prediction, provider: str, key: str = "") -> ProviderFailure:
    """Why a prediction that has ended did not succeed."""
    if prediction.status in ("canceled", "aborted"):
        return BrokenStream("the prediction was canceled", provider=provider)
    return failure_in(prediction.error or "the prediction failed without saying why", provider, key)


def failure_in(error: object, provider: str, key: str = "") -> ProviderFailure:
    """The failure behind an error text, or behind the `detail` of an error event."""
    text = error if isinstance(error, str) else json.dumps(error)
    for failure, words in _WORDS:
        if words.search(text):
            return failure(f"the prediction failed: {without_secrets(text, key)[:500]}", provider=provider)
    return from_stream(text, provider, key)
