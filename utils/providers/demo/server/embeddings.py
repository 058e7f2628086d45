"""Vectors that depend on nothing but the text. They mean nothing either."""

import base64
import hashlib
import math
import struct
from collections.abc import Mapping
from typing import Any

from .bodies import EmbeddingsBody

_USUAL_DIMENSIONS = 8


def embeddings_json(body: EmbeddingsBody) -> dict[str, Any]:
    """The answer in OpenAI's format, one vector of length one for each text."""
    write = _FORMATS[body.encoding_format]
    vectors = [_vector(text, body.dimensions or _USUAL_DIMENSIONS) for text in body.texts]
    tokens = sum(len(text.split()) for text in body.texts)
    return {
        "object": "list",
        "model": body.model,
        "data": [
            {"object": "embedding", "index": index, "embedding": write(vector)} for index, vector in enumerate(vectors)
        ],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def _vector(text: str, dimensions: int) -> list[float]:
    digest = hashlib.shake_256(text.encode()).digest(2 * dimensions)
    # Odd, so that no vector is zero and has no direction.
    numbers = [2 * number + 1 for number in struct.unpack(f"<{dimensions}h", digest)]
    length = math.hypot(*numbers)
    return [number / length for number in numbers]


def _as_base64(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _as_floats(vector: list[float]) -> list[float]:
    return vector


_FORMATS: Mapping[str, Any] = {"base64": _as_base64, "float": _as_floats}
