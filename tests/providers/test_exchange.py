"""What goes over the session that all providers share, and what does not, on real sockets."""

import asyncio
import base64
import datetime
import ipaddress
import json
import ssl
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.serving import serving
from utils.errors import BrokenStream, KeyRefused, Overloaded, ProviderFailure, RequestRejected, TimedOut, Unreachable
from utils.keys import KeyPool, Keyring
from utils.providers import ProviderPool, exchange
from utils.providers.http import SharedHttp
from utils.providers.kinds import Parts
from utils.providers.openai_provider import OpenAIProvider
from utils.registry import ProviderConfig, ProviderRegistry

from .asking import answer
from .conftest import MakeProvider
from .upstreams import WHOLE, Upstream, raw_server, until

TO_A_PROXY = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


@pytest.fixture
def without_proxy(monkeypatch):
    for name in (*TO_A_PROXY, "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


async def requests_to(upstream: Upstream, provider_at: MakeProvider, **fields: object) -> list[str]:
    async with serving(upstream.app) as address:
        await answer(provider_at(address, **fields))
    return [str(request.url) for request in upstream.requests]


@pytest.mark.parametrize("variable", ["http_proxy", "all_proxy"])
async def test_the_proxy_of_the_environment_is_gone_through_with_its_own_password(
    without_proxy, monkeypatch, shared_http, provider_at, variable
):
    heard = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await reader.readuntil(b"\r\n\r\n")).decode().lower())
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + b"".join(WHOLE))

    async with raw_server(proxy) as address:
        monkeypatch.setenv(variable, address.replace("//", "//me:word@"))
        fresh = SharedHttp()
        said = await answer(_on(fresh, provider_at("http://models.invalid")))
        await fresh.aclose()

    assert said == "Hello"
    assert heard[0].startswith("post http://models.invalid/v1/chat/completions http/1.1\r\n")
    assert f"proxy-authorization: basic {base64.b64encode(b'me:word').decode().lower()}" in heard[0]


async def test_what_no_proxy_names_is_asked_directly(without_proxy, monkeypatch, provider_at):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    upstream = Upstream(*WHOLE)
    fresh = SharedHttp()

    async with serving(upstream.app) as address:
        said = await answer(_on(fresh, provider_at(address)))
    await fresh.aclose()

    assert (said, len(upstream.requests)) == ("Hello", 1)


async def test_the_passwords_of_netrc_are_not_for_us(monkeypatch, tmp_path, provider_at):
    (tmp_path / "netrc").write_text("default login canary password canary-password\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    upstream = Upstream(*WHOLE)

    await requests_to(upstream, provider_at)

    assert upstream.requests[0].headers.getlist("authorization") == ["Bearer no-key-needed"]


async def test_cookies_are_not_kept(provider_at):
    upstream = Upstream(*WHOLE, headers={"set-cookie": "canary=1; Path=/"})

    async with serving(upstream.app) as address:
        provider = provider_at(address.replace("127.0.0.1", "localhost"))
        for _ in range(2):
            await answer(provider)

    assert ["cookie" in request.headers for request in upstream.requests] == [False, False]


async def test_no_more_is_said_of_us_than_has_to_be(provider_at):
    upstream = Upstream(*WHOLE)

    await requests_to(upstream, provider_at)

    assert set(upstream.requests[0].headers) == {
        *("host", "accept", "accept-encoding", "content-type", "content-length", "authorization", "user-agent")
    }
    assert upstream.requests[0].headers["user-agent"].startswith("poe-bots/")
    assert upstream.requests[0].headers["content-type"] == "application/json"


async def test_a_question_of_some_megabytes_arrives_whole(provider_at):
    upstream = Upstream(*WHOLE)
    text = "word " * 500_000

    async with serving(upstream.app) as address:
        await answer(provider_at(address), text)

    assert upstream.bodies[0]["messages"][0]["content"] == text


async def test_a_provider_that_does_not_take_the_question_is_not_waited_for(monkeypatch, provider_at):
    monkeypatch.setattr(exchange, "_SHORTEST_UPLOAD", 0.1)
    monkeypatch.setattr(exchange, "_SLOWEST_UPLOAD", 1024**3)

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # every transport of a socket can
        await asyncio.Event().wait()

    async with raw_server(deaf) as address:
        with pytest.raises(TimedOut):
            await answer(provider_at(address), "word " * 4_000_000, timeout=0.1)


@pytest.mark.parametrize(
    ("body", "most"),
    [(b'{"error": {"message": "overloaded"', 1000), (b"x" * 300_000, 1000), (b"x" * 300_000, 10_000_000)],
)
async def test_an_error_without_an_end_is_told_by_what_has_come(monkeypatch, provider_at, body, most):
    monkeypatch.setattr(exchange, "_LONGEST_ERROR", most)
    monkeypatch.setattr(exchange, "_LONGEST_WAIT_FOR_AN_ERROR", 0.1)
    left = asyncio.Event()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 99999999\r\n\r\n" + body)
        with suppress(ConnectionError):
            while await reader.read(1000):
                pass
        left.set()

    async with raw_server(endless) as address:
        with pytest.raises(Overloaded) as caught:
            await asyncio.wait_for(answer(provider_at(address), timeout=60), 4)
        await asyncio.wait_for(left.wait(), 1)

    assert (caught.value.status, caught.value.retry_after) == (503, 7)


async def test_a_connection_that_brought_an_error_serves_the_next_question(provider_at):
    upstream = Upstream(b'{"error": {"message": "busy"}}', status=503)

    async with serving(upstream.app) as address:
        provider = provider_at(address)
        for _ in range(2):
            with pytest.raises(Overloaded):
                await answer(provider)

    assert len({request.client for request in upstream.requests}) == 1


async def test_a_header_that_cannot_be_sent_is_a_failure_like_others(provider_at):
    upstream = Upstream(*WHOLE)

    async with serving(upstream.app) as address:
        for organization in ("org-\u201c", "org\r\nX-Other: 1"):
            with pytest.raises(RequestRejected):
                await answer(provider_at(address, organization_id=organization))

    assert upstream.requests == []


async def test_a_compression_that_nobody_asked_for_and_nobody_knows_is_a_failure(provider_at):
    upstream = Upstream(*WHOLE, headers={"content-encoding": "br"})

    async with serving(upstream.app) as address:
        with pytest.raises(BrokenStream):
            await answer(provider_at(address))


async def test_a_certificate_that_is_not_trusted_ends_the_connection(tmp_path, provider_at):
    asked = []

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(1))
        writer.close()

    server = await asyncio.start_server(answers, "127.0.0.1", 0, ssl=_of_nobody(tmp_path))
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unreachable, match=r"(?i)certificate"):
            await answer(provider_at(f"https://127.0.0.1:{port}"))

    assert asked == []


async def test_a_certificate_that_the_owner_trusts_is_trusted(monkeypatch, tmp_path, provider_at):
    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + b"".join(WHOLE))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answers, "127.0.0.1", 0, ssl=_of_nobody(tmp_path))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    async with server:
        said = await answer(provider_at(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"))

    assert said == "Hello"


async def test_many_answers_come_at_the_same_time(demo, demo_address, provider_at):
    provider = provider_at(demo_address)
    listening = [asyncio.create_task(answer(provider, "/hang", timeout=60)) for _ in range(150)]

    await until(lambda: demo.state.open_streams == 150, seconds=20)

    for each in listening:
        each.cancel()
    await asyncio.gather(*listening, return_exceptions=True)


async def test_what_is_closed_stays_closed(demo_address, shared_http, provider_at):
    provider = provider_at(demo_address)
    await shared_http.aclose()

    with pytest.raises(ProviderFailure, match="closed"):
        await answer(provider)
    with pytest.raises(RuntimeError, match="closed"):
        shared_http.client()


async def test_an_error_says_what_a_gateway_of_aws_puts_beside_it(provider_at):
    headers = {"x-amzn-errortype": "UnrecognizedClientException", "content-type": "application/json"}
    upstream = Upstream(json.dumps({"message": "invalid_api_key"}).encode(), status=400, headers=headers)

    async with serving(upstream.app) as address:
        with pytest.raises(KeyRefused, match="UnrecognizedClientException"):
            await answer(provider_at(address))


def test_an_answer_does_not_load_the_openai_package():
    program = """
import asyncio, sys
from tests.providers.asking import answer
from tests.providers.upstreams import WHOLE, Upstream
from tests.serving import serving
from utils.providers import ProviderPool
from utils.registry import ProviderConfig, ProviderRegistry

async def main():
    async with serving(Upstream(*WHOLE).app) as address:
        pool = ProviderPool(ProviderRegistry([ProviderConfig(name="a", api_base=address)]))
        pool.get("a")
        pool.warm_up()
        print(await answer(pool.get("a")), not {"openai", "httpx2"} & sys.modules.keys())
        await pool.aclose()

asyncio.run(main())
"""

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )

    assert done.stdout.split() == ["Hello", "True"]


async def test_the_certificates_are_loaded_before_the_first_answer_and_once(monkeypatch):
    loaded: list[ssl.SSLContext] = []

    def trusted() -> ssl.SSLContext:
        loaded.append(ssl.create_default_context())
        return loaded[-1]

    monkeypatch.setattr("utils.providers.http._trusted", trusted)

    async with serving(Upstream(*WHOLE).app) as address:
        pool = ProviderPool(ProviderRegistry([ProviderConfig(name="a", api_base=address)]))
        pool.get("a")
        pool.warm_up()
        when_warm = len(loaded)
        await answer(pool.get("a"))
        await pool.aclose()

    assert (when_warm, len(loaded)) == (1, 1)


def _on(http: SharedHttp, provider: OpenAIProvider) -> OpenAIProvider:
    """The provider on another session, opened now: what the environment says of proxies is read with that."""
    config = provider.config
    return OpenAIProvider(config, Parts(KeyPool(config.name, config.api_key_env, Keyring()), lambda: http))


def _of_nobody(folder: Path) -> ssl.SSLContext:
    """For a server at 127.0.0.1 with a certificate that it has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context
