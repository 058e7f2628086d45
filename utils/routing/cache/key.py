"""Which questions are the same: a digest of everything that shapes the answer, and of whose it is."""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

import msgspec

from utils.chat import ChatRequest, Origin

from .rules import Scope

NOT_SHAPING = frozenset({"timeout", "fresh", "origin"})
"""The fields of a request that its answer does not depend on; who asks comes into the key by the scope."""


def key_of(request: ChatRequest, asks: str | bytes, scope: Scope, variant: str = "") -> bytes | None:
    """The key of the answer. None when it is not known whose it would be, or when the question cannot be compared.

    `asks` stands for the targets that are asked, and `variant` for who of them comes first. A picture is compared by
    its address or, when it stands in the request, by its data.
    """
    owner = _OWNERS[scope](request.origin)
    if not all(owner):
        return None
    shaping = [
        getattr(request, field) for field in request.__struct_fields__ if field not in (*NOT_SHAPING, "messages")
    ]
    try:
        # Each part says how long it is, so no two lists of parts make the same bytes.
        digest = blake2b(_ENCODER.encode([scope, owner, asks, variant, shaping, len(request.messages)]), digest_size=32)
        for message in request.messages:
            digest.update(_ENCODER.encode(message))
    except (TypeError, ValueError, OverflowError, RecursionError):
        return None
    return digest.digest()


# The ids of users and conversations are only good at the door that gave them: behind another they are someone else's.
_OWNERS: dict[Scope, Callable[[Origin], tuple[str, ...]]] = {
    "bot": lambda origin: (origin.bot,),
    "user": lambda origin: (origin.bot, f"by {origin.door}", origin.user),
    "conversation": lambda origin: (origin.bot, f"by {origin.door}", f"of {origin.user}", origin.conversation),
}


def _plain(value: Any) -> dict[Any, Any]:
    """Mappings of any make are the same as dicts."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be compared")


# Not JSON, where NaN and infinity would be the same as null.
_ENCODER = msgspec.msgpack.Encoder(order="deterministic", enc_hook=_plain)
