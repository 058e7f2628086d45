import re

import pytest
from fastapi import HTTPException
from structlog.testing import capture_logs

from tests.web.servers import api_of, bot, browser, seen
from utils.web import create_api

DETAIL = "cannot open /home/me/.env with sk-live-0123456789"


def failing():
    raise RuntimeError(DETAIL)


@pytest.mark.parametrize("path", ["/nothing", "/health/deeper", "/docs", "/redoc", "/favicon.ico"])
async def test_an_unknown_path_is_a_json_404(path):
    async with browser(api_of(seen(bot()))) as client:
        response = await client.get(path)

    assert response.status_code == 404
    assert response.json() == {"error": "There is nothing at this address."}


@pytest.mark.parametrize("path", ["/", "/health", "/bots", "/providers"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_a_listing_can_only_be_read(method, path):
    async with browser(api_of(seen(bot()))) as client:
        response = await client.request(method, path)

    assert response.status_code == 405
    assert response.json().keys() == {"error"}
    assert "GET" in response.headers["allow"]


async def test_an_error_that_a_route_raises_keeps_its_words_and_headers():
    app = api_of(seen(bot()))

    @app.get("/busy")
    async def busy():
        raise HTTPException(503, "Try again soon.", {"retry-after": "3"})

    async with browser(app) as client:
        response = await client.get("/busy")

    assert response.status_code == 503
    assert response.json() == {"error": "Try again soon."}
    assert response.headers["retry-after"] == "3"


@pytest.mark.parametrize("path", ["/", "/health", "/bots", "/providers"])
async def test_an_unexpected_exception_is_a_json_500_without_its_details(path):
    async with browser(create_api(failing)) as client:
        response = await client.get(path)

    assert response.status_code == 500
    assert response.json().keys() == {"error", "reference"}
    assert not [word for word in ("RuntimeError", "Traceback", "sk-live", ".env") if word in response.text]


async def test_the_reference_of_an_unexpected_exception_leads_to_it_in_the_log():
    with capture_logs() as logs:
        async with browser(create_api(failing)) as client:
            response = await client.get("/health")

    reference = response.json()["reference"]
    assert re.fullmatch("[0-9a-f]{8}", reference)
    (line,) = [line for line in logs if line["event"] == "request.failed"]
    assert (line["ref"], line["path"]) == (reference, "/health")
    assert str(line["exc_info"]) == DETAIL
