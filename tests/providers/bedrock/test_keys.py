"""With what a question is signed, and that it is signed with nothing else."""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Route

from tests.serving import serving
from utils.errors import KeyRefused, ModelNotFound, ProviderFailure

from ..asking import answer
from .conftest import KEY
from .upstream import Aws

CANARIES = {
    "AWS_ACCESS_KEY_ID": "AKIDCANARY",
    "AWS_SECRET_ACCESS_KEY": "canary-secret",
    "AWS_SESSION_TOKEN": "canary-session",
    "AWS_BEARER_TOKEN_BEDROCK": "canary-bearer",
    "AWS_PROFILE": "canary-profile",
    "AWS_ENDPOINT_URL": "http://canary.invalid",
    "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://canary.invalid",
    "AWS_AUTH_SCHEME_PREFERENCE": "httpBearerAuth",
    "OPENAI_API_KEY": "canary-openai",
}


@pytest.fixture
def canaries(monkeypatch):
    for name, value in CANARIES.items():
        monkeypatch.setenv(name, value)


def sent_by(aws):
    return "\n".join(f"{name}: {value}" for request in aws.requests for name, value in request.headers.items()).lower()


async def test_a_structured_key_signs_and_names_its_region(bedrock_at, address, aws):
    await answer(bedrock_at(address))

    assert aws.signers == ["AKIDMINE"]
    assert "/eu-central-1/bedrock/aws4_request" in aws.requests[0].headers["authorization"]


async def test_the_region_of_the_entry_wins_over_that_of_the_key(bedrock_at, address, aws):
    await answer(bedrock_at(address, settings={"region": "us-west-2"}))

    assert "/us-west-2/bedrock/aws4_request" in aws.requests[0].headers["authorization"]


async def test_a_session_token_is_sent_and_signed(bedrock_at, address, aws, monkeypatch):
    monkeypatch.setenv(
        "MINE_API_KEY",
        '{"AWS_ACCESS_KEY_ID": "AKIDMINE", "AWS_SECRET_ACCESS_KEY": "secret-mine",'
        ' "AWS_SESSION_TOKEN": "my-session", "AWS_REGION": "us-east-1"}',
    )

    await answer(bedrock_at(address))

    assert aws.requests[0].headers["x-amz-security-token"] == "my-session"
    assert aws.signers == ["AKIDMINE"]


async def test_plain_text_is_a_bearer_token(bedrock_at, address, aws, monkeypatch):
    monkeypatch.setenv("MINE_API_KEY", "bedrock-api-key-mine")

    await answer(bedrock_at(address, settings={"region": "us-east-1"}))

    assert aws.signers == ["bedrock-api-key-mine"]


@pytest.mark.parametrize("key", [None, "bedrock-api-key-mine"])
async def test_a_named_key_stands_alone(canaries, bedrock_at, address, aws, monkeypatch, key):
    if key:
        monkeypatch.setenv("MINE_API_KEY", key)

    await answer(bedrock_at(address, settings={"region": "us-east-1"}))

    assert aws.signers == [key or "AKIDMINE"]
    assert "canary" not in sent_by(aws)


async def test_a_named_key_is_not_sent_where_the_environment_says(canaries, bedrock_at, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    elsewhere = Aws()
    async with serving(elsewhere.app) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", address)
        provider = bedrock_at("", settings={"region": "us-east-1"})

        client = await provider._clients.of(provider._keys.first())

    assert client.meta.endpoint_url == "https://bedrock-runtime.us-east-1.amazonaws.com"
    assert elsewhere.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_takes_no_question_to_another_host(bedrock_at, address, aws, monkeypatch, status):
    monkeypatch.setenv("MINE_API_KEY", KEY.replace("{", '{"session_token": "my-session", '))
    elsewhere = Aws()

    async with serving(elsewhere.app) as other:
        aws.status, aws.parts = status, (b"{}",)
        aws.headers = {"location": f"{other}/model/stolen/converse-stream"}
        with pytest.raises(ModelNotFound):
            await answer(bedrock_at(address))
        with pytest.raises(ModelNotFound):
            await bedrock_at(address).embed(["Hi"], "titan-embed")

    assert len(aws.requests) == 2
    assert elsewhere.requests == []


async def test_a_redirect_takes_no_question_about_a_role_to_another_host(bedrock_at, address):
    elsewhere, asked = Aws(), []

    async def away(request):
        asked.append(request)
        return RedirectResponse(f"{other}/", 307)

    async with serving(elsewhere.app) as other, serving(Starlette(routes=[Route("/", away, methods=["POST"])])) as sts:
        settings = {"role": "arn:aws:iam::123456789012:role/bots", "sts_endpoint": sts}
        with pytest.raises(ProviderFailure):
            await answer(bedrock_at(address, settings=settings))

    assert asked
    assert elsewhere.roles == []


async def test_without_a_named_key_the_one_around_us_is_used(bedrock_at, address, aws, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDAROUND")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-around")

    await answer(bedrock_at(address, api_key_env=None, settings={"region": "us-east-1"}))

    assert aws.signers == ["AKIDAROUND"]


async def test_without_a_named_key_the_bearer_token_around_us_is_used_first(bedrock_at, address, aws, monkeypatch):
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bearer-around")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDAROUND")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-around")

    await answer(bedrock_at(address, api_key_env=None, settings={"region": "us-east-1"}))

    assert aws.signers == ["bearer-around"]


async def test_a_profile_that_the_entry_names_wins_over_the_environment(
    bedrock_at, address, aws, monkeypatch, tmp_path
):
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "canary-bearer")
    (tmp_path / "config").write_text("[profile work]\nregion = eu-west-1\n")
    (tmp_path / "credentials").write_text(
        "[work]\naws_access_key_id = AKIDAROUND\naws_secret_access_key = secret-around\n"
    )

    await answer(bedrock_at(address, api_key_env=None, settings={"profile": "work"}))

    assert aws.signers == ["AKIDAROUND"]
    assert "/eu-west-1/" in aws.requests[0].headers["authorization"]


async def test_a_role_is_assumed_once_and_signs(canaries, bedrock_at, address, aws):
    role = {"role": "arn:aws:iam::123456789012:role/bots", "external_id": "ours", "sts_endpoint": address}
    provider = bedrock_at(address, settings=role)

    await answer(provider)
    await answer(provider)

    assert aws.signers == ["AKIDROLE", "AKIDROLE"]
    assert aws.requests[0].headers["x-amz-security-token"] == "token-of-the-role-1"
    (assumed,) = aws.roles
    assert (assumed["RoleArn"], assumed["ExternalId"]) == (["arn:aws:iam::123456789012:role/bots"], ["ours"])
    assert "canary" not in sent_by(aws)


async def test_a_role_is_assumed_anew_before_it_runs_out(bedrock_at, address, aws):
    aws.role_expires = "2001-01-01T00:00:00Z"
    provider = bedrock_at(
        address, settings={"role": "arn:aws:iam::123456789012:role/bots", "sts_endpoint": address}, timeout=20
    )

    with pytest.raises(ProviderFailure):
        await answer(provider)
    aws.role_expires = "2999-01-01T00:00:00Z"
    await answer(provider)

    assert aws.signers == ["AKIDROLE"]
    assert len(aws.roles) >= 2


async def test_a_bearer_token_cannot_assume_a_role(bedrock_at, address, aws, monkeypatch):
    monkeypatch.setenv("MINE_API_KEY", "bedrock-api-key-mine")

    with pytest.raises(KeyRefused) as caught:
        await answer(bedrock_at(address, settings={"role": "arn:aws:iam::123456789012:role/bots"}))

    assert str(caught.value) == "MINE_API_KEY is an API key of Bedrock, with which no role can be assumed"
    assert aws.requests == []


async def test_two_questions_at_once_make_one_client(bedrock_at, address, aws):
    provider = bedrock_at(address)

    await asyncio.gather(*(answer(provider) for _ in range(5)))

    assert len(provider._clients._clients) == 1


async def test_a_key_that_changes_is_used_with_the_next_question(bedrock_at, address, aws, monkeypatch):
    provider = bedrock_at(address, settings={"region": "us-east-1"})

    for key in ("first-key", "second-key"):
        monkeypatch.setenv("MINE_API_KEY", key)
        await answer(provider)

    assert aws.signers == ["first-key", "second-key"]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("AKIAIOSFODNN7EXAMPLE", "MINE_API_KEY holds the id of an access key, which is nothing without its secret"),
        ('{"access_key_id": "AKIDMINE"}', "MINE_API_KEY has no `secret_access_key`"),
        ('{"region": "us-east-1"}', "MINE_API_KEY has no `access_key_id`"),
    ],
)
async def test_half_a_key_is_named(bedrock_at, address, aws, monkeypatch, key, words):
    monkeypatch.setenv("MINE_API_KEY", key)

    with pytest.raises(KeyRefused) as caught:
        await answer(bedrock_at(address))

    assert str(caught.value) == words
    assert aws.requests == []


async def test_headers_of_the_entry_are_sent_and_signed(bedrock_at, address, aws):
    await answer(bedrock_at(address, headers={"X-Mine": "mine"}))

    assert aws.requests[0].headers["x-mine"] == "mine"
    assert "x-mine" in aws.requests[0].headers["authorization"]
