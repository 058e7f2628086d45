"""What the owner sends along with a request to /admin: a JSON object, and not much of it."""

import json
from typing import Any

from starlette.requests import ClientDisconnect, Request


class BadBody(ValueError):
    """The message says what is wrong with it; `status` is that of the answer."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


async def json_object(request: Request, largest: int) -> dict[str, Any]:
    """The object in the body; an empty one where there is no body. Raises `BadBody`."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > largest:
                raise BadBody(f"The body is too large: {largest} bytes are enough.", 413)
    except ClientDisconnect:
        raise BadBody("The body did not arrive.") from None
    try:
        said = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        raise BadBody("The body is no valid JSON.") from None
    if not isinstance(said, dict):
        raise BadBody("The body should be a JSON object.")
    return said
