"""`bot info` lets an owner see from the chat who was asked lately, and nothing that is secret."""

import json

import fastapi_poe as fp
import pytest
from fastapi_poe.client import BotError

from tests.apps import app_of, upstream_provider
from tests.serving import serving
from utils.providers.demo.server import demo_app

BOTS = "bots: [{bot_name: Bot, provider: upstream, retries: 0}, {bot_name: Other, provider: upstream}]"


async def ask(address: str, content: str, bot: str = "Bot") -> str:
    message = fp.ProtocolMessage(role="user", content=content)
    parts = fp.get_bot_response([message], bot, "k" * 32, base_url=f"{address}/")
    return "".join([part.text async for part in parts])


async def test_the_latest_answers_of_this_bot_are_told_newest_first(tmp_path, monkeypatch):
    monkeypatch.setenv("UPSTREAM_API_KEY", "VALUE-of-the-key")
    providers = upstream_provider("{address}", api_key_env="UPSTREAM_API_KEY")
    async with serving(demo_app()) as model:
        app = app_of(tmp_path, BOTS, providers.replace("{address}", model))
        async with serving(app) as address:
            untold = json.loads(await ask(address, "bot info"))
            await ask(address, "/echo WORDS-of-the-person")
            with pytest.raises(BotError):
                await ask(address, "/fail 500")
            await ask(address, "/echo somebody else", "Other")
            told = await ask(address, "bot info")

    latest = json.loads(told)["latest_answers"]
    assert "latest_answers" not in untold
    assert [[(each["target"], each["outcome"]) for each in answer] for answer in latest] == [
        [("upstream:demo", "failed")],
        [("upstream:demo", "answered")],
    ]
    assert latest[0][0]["error"] == "Overloaded"
    assert latest[1][0]["first_content"] >= 0
    assert not [secret for secret in ("WORDS", "VALUE", "UPSTREAM_API_KEY") if secret in told]


async def test_no_more_than_five_answers_are_told(tmp_path):
    async with serving(demo_app()) as model, serving(app_of(tmp_path, BOTS, upstream_provider(model))) as address:
        for _ in range(7):
            await ask(address, "/echo hi")
        facts = json.loads(await ask(address, "bot info"))

    assert len(facts["latest_answers"]) == 5
