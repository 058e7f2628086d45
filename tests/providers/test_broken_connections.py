"""What broken connections are called, and how it is told to those who want one."""

import errno
import socket
import ssl

import httpx
import pytest

from tests.serving import serving
from utils.errors import BrokenStream, TimedOut, Unreachable
from utils.providers.broken_connections import broken_off, not_opened
from utils.providers.what_to_do import what_happened

from .asking import answer
from .upstreams import raw_server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_where_nothing_listens_that_is_said(provider_at):
    with pytest.raises(Unreachable) as caught:
        await answer(provider_at(f"http://127.0.0.1:{free_port()}"))

    assert what_happened(caught.value) == "no connection could be made (nothing listens there)."


async def test_who_speaks_no_tls_is_told_from_who_is_not_there(demo, provider_at):
    async with serving(demo) as address:
        with pytest.raises(Unreachable, match="it does not speak https"):
            await answer(provider_at(address.replace("http:", "https:")))


async def test_who_hangs_up_is_told_from_who_is_not_there(provider_at):
    async def hangs_up(reader, writer) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with raw_server(hangs_up) as address:
        with pytest.raises(Unreachable, match="it hung up before it answered"):
            await answer(provider_at(address))


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "its name is not known, or there is no network"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "there is no way to it from here"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "there is no way to it from here"),
        (ssl.SSLError(1, "odd"), "SSLError: odd"),
        (OSError("who knows"), "OSError: who knows"),
        (RuntimeError(), "RuntimeError"),
    ],
)
def test_why_there_is_no_connection_is_said_in_plain_words_where_they_are_known(cause, words):
    outer = httpx.ConnectError("all attempts failed")
    outer.__cause__ = cause

    assert str(not_opened(outer, "groq")) == words


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (TimeoutError("nothing came for 60 seconds"), "nothing came for 60 seconds"),
        (TimeoutError(errno.ETIMEDOUT, "Connect call failed ('10.0.0.1', 443)"), "no sign of life from the provider"),
        (TimeoutError(), "no sign of life from the provider"),
    ],
)
def test_who_is_late_is_said_to_be(cause, words):
    failure = not_opened(cause, "groq")

    assert isinstance(failure, TimedOut)
    assert str(failure) == words


def test_a_name_that_holds_the_key_is_not_repeated():
    untrusted = ssl.SSLCertVerificationError(1, "certificate verify failed")
    untrusted.verify_message = "Hostname mismatch, certificate is not valid for 'sk-0123456789abcdef.example'."

    failure = not_opened(untrusted, "groq", "sk-0123456789abcdef")

    assert str(failure).startswith("its certificate is not trusted: Hostname mismatch")
    assert "sk-0123456789abcdef" not in str(failure)


@pytest.mark.parametrize(
    ("exc", "kind"),
    [(TimeoutError(), TimedOut), (ConnectionResetError("gone"), BrokenStream), (OSError(), BrokenStream)],
)
def test_what_breaks_in_the_middle_of_an_answer(exc, kind):
    assert type(broken_off(exc, "groq")) is kind
