import pytest

from tests.apps import app_of
from tests.web.servers import browser

PROVIDERS = """
providers:
- name: upstream
  api_base: https://llm.example:8443/v1?key=QUERY-of-base
  api_key_env: UPSTREAM_API_KEY
  headers: {x-extra: HEADER-of-provider}
  additional_params: {user: PARAM-of-provider}
  organization_id: ORGANISATION-of-provider
  models: [large]
- name: mistaken
  api_base: https://llm.example/v1
  api_key_env: sk-proj-KEY-instead-of-a-name
"""

BOTS = """
bots:
- bot_name: Poet
  provider: upstream
  bot_description: Writes verse
  system_message: PROMPT-of-bot
  additional_params: {metadata: PARAM-of-bot}
- {bot_name: Lost, provider: mistaken, access_key_env: sk-KEY-instead-of-a-name}
"""

SECRETS = ("-of-base", "-of-provider", "-of-bot", "-instead-of-a-name", "VALUE-of-key", "VALUE-of-access-key")


@pytest.mark.parametrize("path", ["/", "/health", "/bots", "/providers", "/nothing"])
async def test_no_listing_shows_a_key_a_prompt_or_what_is_sent_along(path, tmp_path, monkeypatch):
    monkeypatch.setenv("UPSTREAM_API_KEY", "VALUE-of-key")
    monkeypatch.setenv("POE_ACCESS_KEY", "VALUE-of-access-key")
    app = app_of(tmp_path, BOTS, PROVIDERS)

    async with browser(app) as client:
        response = await client.get(path)

    assert not [secret for secret in SECRETS if secret in response.text]


async def test_the_address_of_a_provider_is_shown_without_its_credentials(tmp_path):
    app = app_of(tmp_path, BOTS, PROVIDERS)

    async with browser(app) as client:
        response = await client.get("/providers")

    assert response.json()["upstream"]["api_base"] == "https://llm.example:8443/v1"


async def test_a_bot_whose_key_is_missing_is_served_and_says_which_variable_to_set(tmp_path):
    app = app_of(tmp_path, BOTS, PROVIDERS)

    async with browser(app) as client:
        listed, shown = await client.get("/bots"), await client.get("/")

    assert listed.json()["Poet"]["why_not_ready"] == "UPSTREAM_API_KEY is not set"
    assert '<span class="state amber">UPSTREAM_API_KEY is not set</span>' in shown.text
