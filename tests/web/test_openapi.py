"""The document about the HTTP API is true: a machine that knows nothing else finds nothing that is not in it."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import SchemathesisConfig

from tests.apps import app_of
from tests.web.programs import server
from utils.web.openapi import openapi_document

OWNERS_KEY = "a-key-for-the-owner-0123456789"
OF_THE_OWNER = ("/admin", "/usage", "/metrics")
OPERATIONS = [(method, path) for path, operations in openapi_document("")["paths"].items() for method in operations]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
)


@contextmanager
def in_a_thread(folder) -> Iterator[str]:
    """The server, in a loop of its own: schemathesis waits for its answers."""
    started, stop, address = threading.Event(), [], []

    async def run() -> None:
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        async with server(folder, max_body_mb=1) as served:
            stop.append(lambda: loop.call_soon_threadsafe(ended.set))
            address.append(served.address)
            started.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert started.wait(30)
    try:
        yield address[0]
    finally:
        stop[0]()
        thread.join()


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, in_a_server(tmp_path_factory, patch) as at:
        yield at


@contextmanager
def in_a_server(tmp_path_factory, patch) -> Iterator[str]:
    patch.setenv("ADMIN_KEY", OWNERS_KEY)
    patch.setattr("utils.operations.STATE", tmp_path_factory.mktemp("data") / "synced.json")
    with in_a_thread(tmp_path_factory.mktemp("server")) as at:
        yield at


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_as_the_document_says(address, method, path):
    schema = schemathesis.openapi.from_dict(openapi_document(address), config=SchemathesisConfig(seed=1))
    operation = schema[path][method.upper()]
    asked = []
    headers = {"authorization": f"Bearer {OWNERS_KEY}"} if path.startswith(OF_THE_OWNER) else {}

    @settings(
        max_examples=10 if headers else 25,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case) -> None:
        asked.append(
            case.call_and_validate(
                base_url=address, headers=headers, checks=[getattr(schemathesis.checks, name) for name in CHECKS]
            )
        )

    ask()

    assert asked


async def test_the_document_is_served(tmp_path):
    app = app_of(tmp_path, "bots: []")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://bots.example") as client:
        response = await client.get("/openapi.json")

    document = response.json()
    assert document["servers"] == [{"url": "https://bots.example"}]
    assert json.dumps(document, sort_keys=True) == json.dumps(openapi_document("https://bots.example"), sort_keys=True)
