"""The access key goes to Poe in the body of a call, and nowhere else."""

import json
import logging
import traceback
from decimal import Decimal

import pytest
import respx
from structlog.testing import capture_logs

from tests.poe.charging.fake_poe import query
from utils.chat import ChatMessage, ChatRequest, Usage
from utils.poe.charging import CostApi, NotPaid, Till
from utils.poe.sentences import error_event
from utils.registry.bot_config import Charge

CANARY = "CANARYcanaryCANARYcanaryCANARY32"
REQUEST = ChatRequest(messages=(ChatMessage("user", "hi"),))
ECHOES = [
    {"status_code": 403, "text": f'event: error\ndata: {{"message": "The key {CANARY} is not enrolled."}}\n\n'},
    {"status_code": 200, "text": f'event: result\ndata: {{"status": "no such key: {CANARY}"}}\n\n'},
    {"status_code": 200, "text": f'event: result\ndata: {{"status": ["{CANARY}"]}}\n\n'},
    {"status_code": 500, "text": CANARY},
    {"status_code": 200, "text": CANARY},
    {"status_code": 302, "headers": {"location": f"https://elsewhere/{CANARY}"}},
]


@pytest.mark.parametrize("reply", ECHOES)
@pytest.mark.parametrize("when_unavailable", ["open", "closed"])
async def test_neither_the_log_nor_an_error_holds_the_key_when_poe_repeats_it(reply, when_unavailable, caplog):
    caplog.set_level(logging.DEBUG)
    api = CostApi()
    till = Till(Charge(per_message=Decimal(1), when_unavailable=when_unavailable), None, api)
    asked = query(access_key=CANARY)
    told = []

    with respx.mock() as poe, capture_logs() as logs:
        poe.post(url__regex=".*").respond(**reply)
        try:
            await till.authorize(asked, REQUEST)
        except NotPaid as exc:
            told += [str(error_event(exc, "abcd1234")), repr(exc), "".join(traceback.format_exception(exc))]
    await api.aclose()

    assert CANARY not in f"{told}{logs}{caplog.text}"
    assert told or logs


@pytest.mark.parametrize("reply", ECHOES)
async def test_the_log_does_not_hold_the_key_when_a_capture_fails(reply):
    api = CostApi()
    till = Till(Charge(per_message=Decimal(1)), None, api)
    asked = query(access_key=CANARY)

    with respx.mock() as poe, capture_logs() as logs:
        poe.post("https://api.poe.com/bot/cost/q-1/authorize").respond(
            200, text='event: result\ndata: {"status": "success"}\n\n'
        )
        poe.post("https://api.poe.com/bot/cost/q-1/capture").respond(**reply)
        await till.authorize(asked, REQUEST)
        await till.capture(asked, Usage(1, 1), "said", None)
    await api.aclose()

    assert [entry["event"] for entry in logs] == ["charge.not_captured"]
    assert CANARY not in str(logs)


async def test_the_key_is_in_the_body_alone():
    api = CostApi()

    with respx.mock() as poe:
        poe.post(url__regex=".*").respond(200, text='event: result\ndata: {"status": "success"}\n\n')
        await api.authorize(query(access_key=CANARY), 1)
        await api.aclose()
        request = poe.calls.last.request

    assert json.loads(request.content)["access_key"] == CANARY
    assert CANARY not in f"{request.url}{request.headers}"
