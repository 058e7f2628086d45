"""A bot on Bedrock, through the Poe door of a whole app."""

import asyncio

import fastapi_poe as fp
import pytest

from tests.apps import app_of
from tests.serving import serving
from utils.errors import BrokenStream
from utils.providers import ProviderPool
from utils.registry import ProviderConfig, ProviderRegistry

from ..asking import question
from .frames import START, text

PROVIDERS = """
providers:
- name: aws
  kind: bedrock
  api_base: ADDRESS
  api_key_env: MINE_API_KEY
  default_model: claude
  settings: {region: us-east-1}
"""
BOTS = "bots:\n- bot_name: Cloud\n  provider: aws\n  max_tokens: 50\n  system_message: Be brief.\n"


async def asked(tmp_path, aws, providers=PROVIDERS):
    async with serving(aws.app) as upstream:
        app = app_of(tmp_path, BOTS, providers.replace("ADDRESS", upstream))
        async with serving(app) as address:
            messages = [fp.ProtocolMessage(role="user", content="Hi")]
            request = fp.QueryRequest(
                version="1.2", type="query", query=messages, user_id="u", conversation_id="c", message_id=""
            )
            return app, [part async for part in fp.stream_request(request, "Cloud", "key", base_url=f"{address}/")]


async def test_a_bot_answers_from_bedrock(tmp_path, aws):
    app, parts = await asked(tmp_path, aws)

    assert "".join(part.text for part in parts) == "Hello"
    assert not app.state.overview().problems
    assert aws.models == ["us.anthropic.claude-haiku-5-5"]
    assert aws.asked["system"] == [{"text": "Be brief."}]
    assert aws.asked["inferenceConfig"] == {"maxTokens": 50}


async def test_a_mistake_in_the_settings_stands_in_the_overview(tmp_path, aws):
    async with serving(aws.app) as upstream:
        app = app_of(tmp_path, BOTS, PROVIDERS.replace("ADDRESS", upstream).replace("region:", "regoin:"))

    assert any("Did you mean `region`?" in str(problem) for problem in app.state.overview().problems)


async def test_closing_the_pool_closes_the_connections(aws, address):
    aws.parts, aws.waits = (START, text("Hel")), True
    config = ProviderConfig.model_validate(
        {"name": "aws", "kind": "bedrock", "api_base": address, "api_key_env": "MINE_API_KEY", "default_model": "nova"}
    )
    pool = ProviderPool(ProviderRegistry([config]))
    stream = pool.get("aws").stream(question())
    await anext(stream)

    await pool.aclose()

    with pytest.raises(BrokenStream):
        await anext(stream)
    async with asyncio.timeout(5):
        await aws.hung_up.wait()
