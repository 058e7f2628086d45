import asyncio
import dataclasses
import ssl

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from tests.serving import serving
from utils.poe.attachments import ImageFetcher
from utils.poe.attachments.public_addresses import is_public
from utils.poe.attachments.reach import Reach, addresses_of
from utils.poe.attachments.trouble import NotLoaded

from .conversations import PNG, data_address


class Gate:
    """Lets through what `is_allowed` does, and remembers which addresses a connection was to be made to."""

    def __init__(self, is_allowed):
        self.is_allowed = is_allowed
        self.passed = []
        self.refused = []

    def __call__(self, address):
        allowed = self.is_allowed(address)
        (self.passed if allowed else self.refused).append(address)
        return allowed


class Names:
    """Resolves every name to the next of these answers; the last one stays."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    async def __call__(self, host, port):
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.mark.parametrize(
    "url",
    [
        "http://93.184.215.14/a.png",
        "http://93.184.215.14:443/a.png",
        "ftp://93.184.215.14/a.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "//93.184.215.14/a.png",
        "a.png",
        "",
        "https://",
        "https:///a.png",
        "https://[::1/a.png",
        "https://host:99999/",
        "https://93.184.215.14:8443/a.png",
        "https://93.184.215.14:22/",
        "https://93.184.215.14:0/",
        "https://user:password@93.184.215.14/",
        "https://user@93.184.215.14/",
        "https://@93.184.215.14/",
        "https://93.184.215.14\\@127.0.0.1/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://017700000001/",
        "https://0177.0.0.1/",
        "https://１２７.0.0.1/",
        "https://127。0。0。1/",
        "https://0/",
        "https://0.0.0.0/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::]/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://[64:ff9b::169.254.169.254]/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1%25lo]/",
        "https://" + "a" * 300 + ".example/",
        "https://..../",
        "https://\ud800/",
    ],
)
async def test_what_is_not_public_is_not_connected_to(url):
    gate = Gate(is_public)
    fetcher = ImageFetcher(reach=dataclasses.replace(Reach(), allows=gate), resolve=addresses_of_numbers)

    with pytest.raises(NotLoaded) as failure:
        await fetcher.fetch(url)

    await fetcher.aclose()
    assert failure.value.trouble == "unreachable"
    assert not gate.passed


async def addresses_of_numbers(host, port):
    """The system's answer where the host is a number in some notation; no name is looked up."""
    return await addresses_of(host, port) if host[:1].isdigit() else []


@pytest.mark.parametrize("host", ["localhost", "inside.example", "metadata.google.internal"])
@pytest.mark.parametrize("addresses", [[], ["127.0.0.1"], ["10.0.0.7", "fd00::7"], ["::ffff:10.0.0.7"], ["nonsense"]])
async def test_a_name_for_an_address_that_is_not_public_is_not_connected_to(host, addresses):
    gate = Gate(is_public)
    fetcher = ImageFetcher(reach=dataclasses.replace(Reach(), allows=gate), resolve=Names(addresses))

    with pytest.raises(NotLoaded):
        await fetcher.fetch(f"https://{host}/a.png")

    await fetcher.aclose()
    assert not gate.passed
    assert set(gate.refused) == set(addresses)


def here(gate, scheme="http"):
    return Reach(schemes=(scheme,), ports=range(65536), allows=gate)


@pytest.fixture
async def port():
    app = Starlette(routes=[Route("/a", lambda _: Response(PNG, headers={"Connection": "close"}))])
    async with serving(app) as url:
        yield url.rpartition(":")[2]


async def test_the_address_that_was_checked_is_the_one_that_is_connected_to(port):
    gate = Gate(lambda address: address == "127.0.0.1")
    names = Names(["127.0.0.1"], ["127.0.0.2"])  # a name that changes as soon as it was looked at
    fetcher = ImageFetcher(reach=here(gate), resolve=names)

    picture = await fetcher.fetch(f"http://pictures.example:{port}/a")

    assert picture == data_address()
    assert names.asked == ["pictures.example"]
    assert gate.passed == ["127.0.0.1"]

    with pytest.raises(NotLoaded):
        await fetcher.fetch(f"http://pictures.example:{port}/a?again")

    await fetcher.aclose()
    assert gate.refused == ["127.0.0.2"]


async def test_of_several_addresses_only_the_public_ones_are_tried(port):
    gate = Gate(lambda address: address == "127.0.0.1")
    fetcher = ImageFetcher(reach=here(gate), resolve=Names(["10.0.0.1", "fd00::1", "127.0.0.1"]))

    picture = await fetcher.fetch(f"http://pictures.example:{port}/a")

    await fetcher.aclose()
    assert picture == data_address()
    assert gate.passed == ["127.0.0.1"]


async def test_over_tls_the_name_is_verified_though_the_address_was_chosen_here(port, monkeypatch):
    given = {}

    async def create_connection(*args, sock, **options):
        given.update(options, peer=sock.getpeername()[0])
        sock.close()
        raise OSError("far enough")

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", create_connection)
    gate = Gate(lambda address: address == "127.0.0.1")
    fetcher = ImageFetcher(reach=here(gate, "https"), resolve=Names(["127.0.0.1"]))

    with pytest.raises(NotLoaded):
        await fetcher.fetch(f"https://pictures.example:{port}/a")

    await fetcher.aclose()
    assert given["peer"] == "127.0.0.1"
    assert given["server_hostname"] == "pictures.example"
    assert given["ssl"].check_hostname
    assert given["ssl"].verify_mode is ssl.CERT_REQUIRED


async def test_proxies_of_the_environment_are_not_used(port, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.2:1")
    gate = Gate(lambda address: address == "127.0.0.1")
    fetcher = ImageFetcher(reach=here(gate), resolve=Names(["127.0.0.1"]))

    await fetcher.fetch(f"http://pictures.example:{port}/a")

    await fetcher.aclose()
    assert not gate.refused
