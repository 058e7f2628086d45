"""The doctor against whole bot servers: ours, and one made with nothing but fastapi_poe."""

import fastapi_poe as fp
import pytest

from tests.apps import app_of
from tests.serving import serving
from utils.poe.doctor import CHECKS, Patient, examine
from utils.providers.demo.pace import AT_ONCE

KEY = "k" * 32
DEMO = "bots: [{bot_name: DemoBot, provider: demo, poe: {introduction_message: Hello}}]"


@pytest.fixture(autouse=True)
def _one_key_for_all(monkeypatch):
    monkeypatch.setenv("POE_ACCESS_KEY", KEY)


async def findings(app, path):
    async with serving(app) as address, Patient(address + path, KEY) as examined:
        return {result.name: result async for result in examine(examined, CHECKS)}


async def test_our_own_server_passes_every_check(tmp_path, monkeypatch):
    monkeypatch.setattr("utils.providers.demo.Pace", lambda **_: AT_ONCE)  # the demo speaks as slowly as a model
    app = app_of(tmp_path, DEMO)

    results = await findings(app, "/DemoBot")

    not_passed = {name: result for name, result in results.items() if result.verdict != "pass"}
    assert {result.verdict for result in not_passed.values()} <= {"skipped"}, not_passed
    assert not_passed.keys() <= {"settings-controls", "answer-error"}


class EchoBot(fp.PoeBot):
    """As it stands in Poe's own introduction."""

    async def get_response(self, request):
        yield fp.PartialResponse(text=request.query[-1].content)


DEFECTS = {
    "bearer-in-lower-case": "it answered 401",
    "bad-json": "it answered 500",
    "array-body": "it answered 500",
    "missing-type": "it answered 500",
    "trailing-slash": "it answered 307",
    "unknown-role": "it answered 500",
    "unknown-content-type": "it answered 500",
    "unknown-feedback": "it answered 500",
    "null-content": "it answered 500",
    "error-texts": "IndexError(",
}
"""What fastapi_poe's own server is known to do."""


@pytest.mark.filterwarnings("ignore")
async def test_the_defects_of_fastapi_poes_server_are_found():
    app = fp.make_app(EchoBot(path="/echo", access_key=KEY))

    results = await findings(app, "/echo")

    found = {name: result.detail for name, result in results.items() if result.verdict in ("fail", "warning")}
    assert found.keys() == DEFECTS.keys()
    assert [name for name, why in DEFECTS.items() if why not in found[name]] == []
