"""Keys of the store, and several of them, on their way to a real server."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.providers.asking import answer
from tests.providers.upstreams import WHOLE
from tests.serving import serving
from utils.errors import RateLimited
from utils.keys import KeyState
from utils.providers import ProviderPool
from utils.registry import ProviderConfig, ProviderRegistry

NAMES = ["A_API_KEY", "B_API_KEY", "C_API_KEY"]


class Guarded:
    """Answers for keys in order, and refuses others with a status of their own."""

    def __init__(self, **statuses: int) -> None:
        self.app = Starlette(routes=[Route("/{rest:path}", self._answer, methods=["POST"])])
        self.statuses = statuses
        self.asked: list[str] = []

    async def _answer(self, request: Request) -> Response:
        key = request.headers["authorization"].removeprefix("Bearer ")
        self.asked.append(key)
        if status := self.statuses.get(key):
            return JSONResponse({"error": {"message": "no"}}, status, {"retry-after": "30"})

        async def whole():
            for part in WHOLE:
                yield part

        return StreamingResponse(whole(), media_type="text/event-stream")


@pytest.fixture
def stored(store):
    for name in NAMES:
        store.set(name, f"canary-{name[0].lower()}")


async def asked(server, times=1):
    async with serving(server.app) as address:
        entry = {"name": "cloud", "api_base": f"{address}/v1", "api_key_env": NAMES, "models": ["m"]}
        pool = ProviderPool(ProviderRegistry([ProviderConfig.model_validate(entry)]))
        try:
            answers = [await answer(pool.get("cloud")) for _ in range(times)]
        finally:
            await pool.aclose()
    return answers, pool.key_states()["cloud"]


async def test_keys_that_are_refused_empty_or_over_their_limit_give_way_and_the_answer_comes(stored):
    server = Guarded(**{"canary-a": 401, "canary-b": 429})

    answers, states = await asked(server, times=2)

    assert answers == ["Hello", "Hello"]
    assert server.asked == ["canary-a", "canary-b", "canary-c", "canary-c"]
    assert [state.troubled for state in states] == ["KeyRefused", "RateLimited", None]
    assert states[2] == KeyState("C_API_KEY")


async def test_when_no_key_is_accepted_the_limit_is_told(stored):
    server = Guarded(**{"canary-a": 403, "canary-b": 429, "canary-c": 402})

    with pytest.raises(RateLimited) as caught:
        await asked(server)

    assert server.asked == ["canary-a", "canary-b", "canary-c"]
    assert caught.value.retry_after == 30
    assert "canary" not in str(caught.value)
