"""The key goes to the host of the entry, and to Replicate's own where the entry is Replicate."""

import pytest

from tests.providers.asking import answer
from tests.providers.upstreams import until
from utils.errors import ProviderFailure
from utils.providers.replicate.addresses import may_have_the_key

from .fake import Replicate, done, output

HOME = "https://api.replicate.com/v1"


@pytest.mark.parametrize(
    ("url", "api_base", "may"),
    [
        ("https://stream.replicate.com/v1/files/x", HOME, True),
        ("https://streaming-api.svc.rno2.c.replicate.com/v1/x", HOME, True),
        ("https://api.replicate.com/v1/predictions/x", HOME, True),
        ("https://API.replicate.com:443/v1", HOME, True),
        ("http://stream.replicate.com/x", HOME, False),
        ("https://stream.replicate.com.evil.example/x", HOME, False),
        ("https://evilreplicate.com/x", HOME, False),
        ("https://evil.example/stream.replicate.com", HOME, False),
        ("https://evil.example#@stream.replicate.com", HOME, False),
        ("https://stream.replicate.com@evil.example/x", HOME, False),
        ("https://evil.example@stream.replicate.com/x", HOME, False),
        ("https://stream.replicate.com/x", "https://proxy.example/v1", False),
        ("https://proxy.example/x", "https://proxy.example/v1", True),
        ("http://proxy.example/x", "https://proxy.example/v1", False),
        ("https://proxy.example:8443/x", "https://proxy.example/v1", False),
        ("https://proxy.example:x/", "https://proxy.example/v1", False),
        ("//stream.replicate.com/x", HOME, False),
        ("", HOME, False),
        ("https://[", HOME, False),
    ],
)
def test_where_the_key_may_go(url, api_base, may):
    assert may_have_the_key(url, api_base) is may


async def test_every_request_to_the_entrys_host_has_the_key(replicate_at):
    fake = Replicate(output("Hi"), done())

    async with fake.running() as base:
        await answer(replicate_at(base, headers={"x-mine": "mine"}))

    assert len(fake.requests) == 3
    assert {request.headers["authorization"] for request in fake.requests} == {"Bearer r8_canary_of_this_test"}
    assert {request.headers["x-mine"] for request in fake.requests} == {"mine"}


async def test_a_stream_on_another_host_gets_no_key_and_the_prediction_is_stopped(replicate_at):
    fake, elsewhere = Replicate(output("Hi"), done()), Replicate(output("Hi"), done())

    async with elsewhere.running(), fake.running() as base:
        fake.stream_base = elsewhere.address
        with pytest.raises(ProviderFailure, match="not the host of `api_base`") as caught:
            await answer(replicate_at(base))
        await until(lambda: fake.cancelled == ["abc123"])

    assert elsewhere.requests == []
    assert "canary" not in str(caught.value)


async def test_a_key_that_comes_back_in_a_refusal_is_not_shown(replicate_at):
    fake = Replicate(output("Hi"), done())
    fake.refusal = 401, {"detail": "the token r8_canary_of_this_test is no good"}, {}

    async with fake.running() as base:
        with pytest.raises(ProviderFailure) as caught:
            await answer(replicate_at(base))

    assert "canary" not in str(caught.value)
