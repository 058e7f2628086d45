import asyncio
import gzip
import subprocess
import sys

import pytest
import structlog
from starlette.applications import Starlette
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.serving import serving
from utils.poe.attachments import ImageFetcher, Limits
from utils.poe.attachments.reach import Reach
from utils.poe.attachments.trouble import NotLoaded

from .conversations import PNG, data_address

HERE = Reach(schemes=("http",), ports=range(65536), allows=lambda address: address == "127.0.0.1")


@pytest.fixture
def requests():
    return []


@pytest.fixture
async def web(requests):
    forever = asyncio.Event()

    async def endless(chunk, wait):
        yield PNG
        while True:
            yield chunk
            await wait()

    def hop(request):
        left = int(request.path_params["left"])
        return RedirectResponse(f"/hops/{left - 1}" if left else "/picture")

    answers = {
        "/picture": lambda _: Response(PNG, media_type="text/plain"),
        "/page": lambda _: Response("<html>", media_type="image/png"),
        "/empty": lambda _: Response(b"", media_type="image/png"),
        "/gone": lambda _: Response(PNG, status_code=403),
        "/large": lambda _: Response(PNG + bytes(100_000)),
        "/endless": lambda _: StreamingResponse(endless(bytes(10_000), lambda: asyncio.sleep(0))),
        "/drip": lambda _: StreamingResponse(endless(b"x", forever.wait)),
        "/announced": lambda _: StreamingResponse(endless(b"x", forever.wait), headers={"Content-Length": "50001"}),
        "/bomb": lambda _: Response(gzip.compress(PNG + bytes(10_000_000)), headers={"Content-Encoding": "gzip"}),
        "/hops/{left}": hop,
        "/circle": lambda _: RedirectResponse("/circle"),
        "/nowhere": lambda _: Response(status_code=302),
        "/to": lambda request: RedirectResponse(request.query_params["url"]),
        "/cookie": lambda _: RedirectResponse("/picture", headers={"Set-Cookie": "who=you"}),
    }

    def recorded(answer):
        def endpoint(request):
            requests.append(request)
            return answer(request)

        return endpoint

    async with serving(Starlette(routes=[Route(path, recorded(answer)) for path, answer in answers.items()])) as url:
        yield url


@pytest.fixture
async def fetcher():
    fetcher = ImageFetcher(Limits(bytes_per_image=50_000), reach=HERE)
    yield fetcher
    await fetcher.aclose()


async def trouble_with(fetcher, url):
    with pytest.raises(NotLoaded) as failure:
        await fetcher.fetch(url)
    return failure.value.trouble


async def test_a_picture_comes_as_what_it_is_and_not_as_what_it_is_called(fetcher, web):
    assert await fetcher.fetch(f"{web}/picture") == data_address(PNG, "image/png")


@pytest.mark.parametrize(
    ("path", "trouble"),
    [
        ("/page", "no_picture"),
        ("/empty", "no_picture"),
        ("/bomb", "no_picture"),
        ("/gone", "unreachable"),
        ("/no-such-path", "unreachable"),
        ("/large", "too_large"),
        ("/endless", "too_large"),
        ("/announced", "too_large"),
        ("/circle", "unreachable"),
        ("/hops/3", "unreachable"),
        ("/nowhere", "unreachable"),
    ],
)
async def test_what_is_no_picture_of_a_fair_size_is_refused(fetcher, web, path, trouble):
    assert await trouble_with(fetcher, f"{web}{path}") == trouble


async def test_a_picture_that_drips_is_given_up(web):
    fetcher = ImageFetcher(Limits(seconds_per_image=0.2), reach=HERE)

    assert await trouble_with(fetcher, f"{web}/drip") == "too_slow"

    await fetcher.aclose()


async def test_a_few_redirects_are_followed(fetcher, web):
    assert await fetcher.fetch(f"{web}/hops/2") == data_address()


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.2/", "http://2130706433/", "https://127.0.0.1/", "file:///etc/passwd", "http://u:p@127.0.0.1/"],
)
async def test_a_redirect_leads_nowhere_else(fetcher, web, requests, target):
    assert await trouble_with(fetcher, f"{web}/to?url={target}") == "unreachable"

    assert len(requests) == 1


async def test_nothing_is_told_to_the_web_but_the_address(fetcher, web, requests):
    await fetcher.fetch(f"{web}/cookie")

    for request in requests:
        assert set(request.headers) == {"host", "accept", "accept-encoding", "user-agent"}
        assert request.headers["accept-encoding"] == "identity"


async def test_a_signed_address_is_asked_for_as_it_was_given(fetcher, web, requests):
    await fetcher.fetch(f"{web}/picture?sig=a%7Eb%2Fc~d+e%3d")

    assert requests[0].url.query == "sig=a%7Eb%2Fc~d+e%3d"


@pytest.mark.parametrize("odd", ["a b", "ä", "a\r\nX-Evil: 1"])
async def test_an_address_that_needs_quoting_is_quoted(fetcher, web, requests, odd):
    await fetcher.fetch(f"{web}/picture?name={odd}")

    assert "x-evil" not in requests[0].headers


async def test_a_picture_is_fetched_once(fetcher, web, requests):
    pictures = [await fetcher.fetch(f"{web}/picture") for _ in range(3)]

    assert pictures == [data_address()] * 3
    assert len(requests) == 1


async def test_a_failure_is_not_remembered(fetcher, web, requests):
    for _ in range(2):
        await trouble_with(fetcher, f"{web}/gone")

    assert len(requests) == 2


async def test_the_log_says_what_failed_and_keeps_the_address_to_itself(fetcher, web):
    with structlog.testing.capture_logs() as logs:
        await trouble_with(fetcher, f"{web}/gone?signature=SECRET")

    assert [(entry["event"], entry["host"], entry["trouble"]) for entry in logs] == [
        ("picture.not_loaded", "127.0.0.1", "unreachable")
    ]
    assert "SECRET" not in str(logs)
    assert "gone" not in str(logs)


async def test_a_closed_fetcher_opens_again(fetcher, web):
    await fetcher.fetch(f"{web}/picture?1")
    await fetcher.aclose()

    assert await fetcher.fetch(f"{web}/picture?2") == data_address()


def test_aiohttp_is_not_loaded_before_the_first_picture():
    code = (
        "import sys; from utils.poe.attachments import AttachmentReader; AttachmentReader(); "
        "assert 'utils.poe.attachments.safe_fetch' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
