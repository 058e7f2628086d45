"""The server that the tests start."""

import asyncio
import time
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette

from tests.serving import serving
from utils.providers.demo.server import demo_app


async def test_open_streams_do_not_hold_up_the_end():
    app = demo_app()

    async with httpx.AsyncClient() as http:
        async with serving(app) as base_url:
            request = {"messages": [{"role": "user", "content": "/hang"}], "stream": True}
            asking = asyncio.create_task(http.post(f"{base_url}/v1/chat/completions", json=request))
            while not app.state.open_streams:
                await asyncio.sleep(0.001)
            leaving = time.perf_counter()
        left = time.perf_counter()
        with pytest.raises(httpx.RemoteProtocolError):
            await asking

    assert left - leaving < 0.2
    assert app.state.open_streams == 0


async def test_the_lifespan_begins_and_ends():
    story: list[str] = []

    @asynccontextmanager
    async def lifespan(_: Starlette):
        story.append("opened")
        yield
        story.append("closed")

    async with serving(Starlette(lifespan=lifespan)):
        story.append("served")

    assert story == ["opened", "served", "closed"]


async def test_an_app_that_does_not_start_is_an_error():
    @asynccontextmanager
    async def lifespan(_: Starlette):
        raise OSError("no database")
        yield

    with pytest.raises(RuntimeError, match="did not start"):
        async with serving(Starlette(lifespan=lifespan)):
            pass
