"""POST /v1/embeddings."""

import base64
from array import array
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from starlette.responses import JSONResponse
from starlette.types import ASGIApp

from utils.routing.asker import asked_from

from ..asking import Asking
from ..json_body import checked
from ..refusals import WrongField
from ..visit import Visit

_Text = Annotated[str, msgspec.Meta(min_length=1)]


class EmbeddingsBody(msgspec.Struct, forbid_unknown_fields=True):
    """Texts that shall become vectors."""

    REFUSED: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"dimensions": "vectors are as long here as their model makes them; leave it out."}
    )

    input: str | Annotated[list[str | int | list[int]], msgspec.Meta(min_length=1, max_length=2048)]
    model: Annotated[str, msgspec.Meta(min_length=1, max_length=300)] | None = None
    provider: Annotated[str, msgspec.Meta(min_length=1, max_length=300)] | None = None
    encoding_format: Literal["float", "base64"] | None = None
    user: Annotated[str, msgspec.Meta(max_length=256)] | None = None


async def embed(visit: Visit, asking: Asking) -> ASGIApp:
    """The vectors, in the order of the texts."""
    body = checked(visit.body, EmbeddingsBody)
    texts = _texts(body)
    catalogue = asking.catalogue()
    named = catalogue.embedder(visit.client, body.model, body.provider)
    origin = visit.origin("openai", user=body.user)
    with asking.visiting(), asked_from(origin):
        made = await catalogue.providers.embed(named.provider, texts, named.model)
    written = _as_base64 if body.encoding_format == "base64" else list
    data = [
        {"object": "embedding", "index": at, "embedding": written(vector)} for at, vector in enumerate(made.vectors)
    ]
    tokens = made.usage.input_tokens if made.usage else 0
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return JSONResponse({"object": "list", "data": data, "model": f"{named.provider}:{made.model}", "usage": usage})


def _texts(body: EmbeddingsBody) -> list[str]:
    if isinstance(body.input, str):
        given: list[Any] = [body.input]
    else:
        given = body.input
    for at, text in enumerate(given):
        name = "input" if isinstance(body.input, str) else f"input[{at}]"
        if not isinstance(text, str):
            raise WrongField(f"`{name}`: tokens cannot be read here; send the text itself.", name)
        if not text:
            raise WrongField(f"`{name}` is empty.", name)
    return given


def _as_base64(vector: tuple[float, ...]) -> str:
    numbers = array("f", vector)
    if _IS_BIG_ENDIAN:
        numbers.byteswap()
    return base64.b64encode(numbers.tobytes()).decode("ascii")


_IS_BIG_ENDIAN = array("H", [1]).tobytes()[0] == 0
