"""A key goes to the host of its own entry and to no other, whatever stands in the environment."""

import pytest

from tests.serving import serving
from utils.errors import KeyMissing, KeyRefused, ProviderFailure
from utils.keys import Key
from utils.providers import ProviderPool
from utils.registry import ProviderConfig, ProviderRegistry

from .asking import answer
from .upstreams import WHOLE, Upstream

CANARIES = {
    "OPENAI_API_KEY": "canary-api-key",
    "OPENAI_ADMIN_KEY": "canary-admin-key",
    "OPENAI_ORG_ID": "canary-organization",
    "OPENAI_PROJECT_ID": "canary-project",
    "OPENAI_BASE_URL": "http://canary.invalid/v1",
    "OPENAI_CUSTOM_HEADERS": "X-Canary: canary-header\nAuthorization: Bearer canary-custom",
    "OPENAI_WEBHOOK_SECRET": "canary-webhook",
    "OPENAI_API_VERSION": "canary-version",
    "AZURE_OPENAI_API_KEY": "canary-azure",
    "ANTHROPIC_API_KEY": "canary-other-provider",
}


@pytest.fixture
def upstream() -> Upstream:
    return Upstream(*WHOLE)


@pytest.fixture
async def address(upstream):
    async with serving(upstream.app) as base_url:
        yield base_url


@pytest.fixture
def canaries(monkeypatch):
    for name, value in CANARIES.items():
        monkeypatch.setenv(name, value)


def sent_by(upstream: Upstream) -> str:
    """Everything of the only request but its body, which holds no more than the question."""
    (request,) = upstream.requests
    headers = "\n".join(f"{name.decode()}: {value.decode()}" for name, value in request.headers.raw)
    return f"{request.url}\n{headers}".lower()


async def test_an_entry_without_a_key_sends_nothing_of_the_environment(canaries, upstream, address, provider_at):
    await answer(provider_at(address))

    assert "canary" not in sent_by(upstream)
    assert "openai-" not in sent_by(upstream).replace("asyncopenai", "")


async def test_an_entry_with_a_key_sends_just_that(canaries, monkeypatch, upstream, address, provider_at):
    monkeypatch.setenv("MINE_API_KEY", "my-own-key")

    await answer(provider_at(address, api_key_env="MINE_API_KEY"))

    assert upstream.requests[0].headers.getlist("authorization") == ["Bearer my-own-key"]
    assert "canary" not in sent_by(upstream)


async def test_an_entry_with_an_organization_sends_just_that(canaries, upstream, address, provider_at):
    await answer(provider_at(address, organization_id="org-mine"))

    assert upstream.requests[0].headers.getlist("openai-organization") == ["org-mine"]
    assert "openai-project" not in upstream.requests[0].headers
    assert "canary" not in sent_by(upstream)


async def test_an_environment_set_after_the_first_question_is_no_different(monkeypatch, upstream, address, provider_at):
    provider = provider_at(address)
    await answer(provider)
    upstream.requests.clear()
    for name, value in CANARIES.items():
        monkeypatch.setenv(name, value)

    await answer(provider)

    assert "canary" not in sent_by(upstream)


async def test_headers_go_to_the_host_of_their_entry_only(upstream, address, provider_at):
    other = Upstream(*WHOLE)

    async with serving(other.app) as other_address:
        await answer(provider_at(address, headers={"X-Mine": "mine", "Accept-Encoding": "br"}))
        await answer(provider_at(other_address))

    assert upstream.requests[0].headers.getlist("x-mine") == ["mine"]
    assert upstream.requests[0].headers.getlist("accept-encoding") == ["br"]
    assert "mine" not in sent_by(other)


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
async def test_authorization_among_the_headers_wins(monkeypatch, upstream, address, provider_at, name):
    monkeypatch.setenv("MINE_API_KEY", "my-own-key")

    await answer(provider_at(address, api_key_env="MINE_API_KEY", headers={name: "Token of-another-kind"}))

    assert upstream.requests[0].headers.getlist("authorization") == ["Token of-another-kind"]
    assert "my-own-key" not in sent_by(upstream)


async def test_two_entries_on_one_client_each_send_their_own_key(monkeypatch, upstream, address):
    monkeypatch.setenv("ONE_API_KEY", "key-one")
    monkeypatch.setenv("TWO_API_KEY", "key-two")
    pool = ProviderPool(
        ProviderRegistry(
            ProviderConfig.model_validate(
                {"name": name, "api_base": f"{address}/v1", "api_key_env": f"{name.upper()}_API_KEY"}
            )
            for name in ("one", "two")
        )
    )

    for name in ("one", "two", "one"):
        await answer(pool.get(name))
    await pool.aclose()

    keys = [request.headers["authorization"] for request in upstream.requests]
    assert keys == ["Bearer key-one", "Bearer key-two", "Bearer key-one"]


async def test_the_key_is_read_when_it_is_used(monkeypatch, upstream, address, provider_at):
    provider = provider_at(address, api_key_env="MINE_API_KEY")

    for key in ("first-key", "second-key"):
        monkeypatch.setenv("MINE_API_KEY", key)
        await answer(provider)

    assert [request.headers["authorization"] for request in upstream.requests] == [
        "Bearer first-key",
        "Bearer second-key",
    ]


async def test_of_several_variables_the_first_that_is_set_counts(monkeypatch, upstream, address, provider_at):
    monkeypatch.setenv("A_API_KEY", "  ")
    monkeypatch.setenv("B_API_KEY", " key-b\n")
    monkeypatch.setenv("C_API_KEY", "key-c")

    await answer(provider_at(address, api_key_env=["A_API_KEY", "B_API_KEY", "C_API_KEY"]))

    assert upstream.requests[0].headers["authorization"] == "Bearer key-b"


@pytest.mark.parametrize(
    ("names", "variable"),
    [(["ONE_API_KEY"], "ONE_API_KEY"), (["ONE_API_KEY", "TWO_API_KEY"], "ONE_API_KEY or TWO_API_KEY")],
)
async def test_a_missing_key_is_named_and_nothing_is_sent(canaries, upstream, address, provider_at, names, variable):
    with pytest.raises(KeyMissing) as caught:
        await answer(provider_at(address, api_key_env=names))

    assert (caught.value.variable, caught.value.provider) == (variable, "upstream")
    assert upstream.requests == []


@pytest.mark.parametrize("key", ["sk-canary\u201d", "sk-canary\nX-Other: 1", "sk-canary\u200b", "sk\x00canary"])
async def test_a_key_that_cannot_be_one_is_refused_and_not_shown(monkeypatch, upstream, address, provider_at, key):
    monkeypatch.setattr("utils.keys.Keyring.find", lambda self, name: Key(name, key))

    with pytest.raises(KeyRefused) as caught:
        await answer(provider_at(address, api_key_env="MINE_API_KEY"))

    assert "MINE_API_KEY" in str(caught.value)
    assert "canary" not in str(caught.value)
    assert upstream.requests == []


async def test_a_redirect_carries_no_key_to_another_host(monkeypatch, upstream, address, provider_at):
    monkeypatch.setenv("MINE_API_KEY", "my-own-key")
    moved = Upstream(b"", status=308, headers={"location": f"{address}/v1/chat/completions"})

    async with serving(moved.app) as old_address:
        with pytest.raises(ProviderFailure):
            await answer(provider_at(old_address, api_key_env="MINE_API_KEY"))

    assert upstream.requests == []
