import fastapi_poe as fp
import pytest

from utils.poe.files import PoeFiles

UPLOAD = "https://www.quora.com/poe_api/file_upload_3RD_PARTY_POST"
PNG = "data:image/png;base64,iVBORw0KGgo="


def picture(url):
    file = fp.Attachment(url=url, content_type="image/png", name="picture-1", inline_ref="picture1")
    return fp.PartialResponse(text="![picture 1][picture1]", attachment=file)


async def kept(url):
    files = PoeFiles()
    try:
        return await files.kept(picture(url), "the-access-key")
    finally:
        await files.aclose()


async def test_data_is_given_to_poe_and_shown_from_there(respx_mock):
    route = respx_mock.post(UPLOAD).respond(200, json={"attachment_url": "https://poe.example/1", "mime_type": "x"})

    event = await kept(PNG)

    assert event.attachment.url == "https://poe.example/1"
    assert event.attachment.inline_ref == "picture1"
    sent = route.calls.last.request
    assert sent.headers["authorization"] == "the-access-key"
    assert b'filename="picture-1.png"' in sent.content
    assert b"\x89PNG" in sent.content


async def test_an_address_needs_no_keeping(respx_mock):
    assert (await kept("https://cdn.example/a.png")).attachment.url == "https://cdn.example/a.png"


@pytest.mark.parametrize(
    ("status", "body"), [(500, "no"), (200, "no json"), (200, "[]"), (200, '{"attachment_url": 5}')]
)
async def test_what_poe_does_not_keep_is_not_shown(respx_mock, status, body):
    respx_mock.post(UPLOAD).respond(status, text=body)

    assert await kept(PNG) is None


@pytest.mark.parametrize(
    "url", ["data:image/png;base64,%%%", "data:image/png,plain", "data:", "data:image/png;base64,"]
)
async def test_data_that_is_none_is_not_sent(respx_mock, url):
    assert await kept(url) is None
