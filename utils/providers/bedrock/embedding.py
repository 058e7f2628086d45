"""Texts as vectors. Titan takes one text at a time, Cohere takes up to 96."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import msgspec

from utils.errors import BrokenStream, ModelNotFound

Vector = tuple[float, ...]

_MOST_AT_ONCE: Mapping[str, int] = {"amazon.titan-embed": 1, "cohere.embed": 96}


def batches(texts: Sequence[str], model: str, provider: str) -> Iterator[tuple[str, ...]]:
    """The texts in portions that the model takes at once. Raises `ModelNotFound` where it makes no vectors."""
    most = next((most for name, most in _MOST_AT_ONCE.items() if name in model), None)
    if most is None:
        message = f"`{model}` makes no vectors that are understood here; Titan Embed and Cohere Embed do"
        raise ModelNotFound(message, provider=provider)
    rest = iter(texts)
    while batch := tuple(islice(rest, most)):
        yield batch


def asked(texts: Sequence[str], model: str) -> str:
    """The body that asks for the vectors of one portion."""
    if "cohere.embed" in model:
        return json.dumps({"texts": list(texts), "input_type": "search_document", "embedding_types": ["float"]})
    return json.dumps({"inputText": texts[0]})


def vectors_in(body: bytes, expected: int) -> tuple[tuple[Vector, ...], int]:
    """The vectors of one portion in the order of its texts, and how many tokens were read where that is said."""
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except msgspec.MsgspecError as exc:
        raise BrokenStream("what came instead of vectors cannot be read") from exc
    vectors = answer.embeddings if answer.embedding is None else (answer.embedding,)
    if isinstance(vectors, Mapping):
        vectors = vectors.get("float", ())
    if len(vectors) != expected:
        raise BrokenStream(f"of {expected} texts, vectors came for {len(vectors)}")
    return vectors, answer.tokens


class _Answer(msgspec.Struct):
    embedding: Vector | None = None
    embeddings: tuple[Vector, ...] | dict[str, tuple[Vector, ...]] = ()
    tokens: int = msgspec.field(name="inputTextTokenCount", default=0)
