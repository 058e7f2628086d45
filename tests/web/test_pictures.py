"""Pictures go to a model as it takes them, are fetched only from where that is safe, and go along in later turns."""

import pytest

from tests.web.programs import question, server
from utils.poe.attachments.trouble import NotLoaded

PICTURE = "data:image/png;base64,iVBORw0KGgo="
FETCHED = "data:image/png;base64,iVBORw0KGgoFETCHED="
ADDRESS = "https://pictures.example/a.png?secret"


class Web:
    """The pictures of the web: those in `gone` are not to be had."""

    def __init__(self) -> None:
        self.gone: dict[str, str] = {}
        self.fetched: list[str] = []

    async def fetch(self, url: str) -> str:
        if url in self.gone:
            raise NotLoaded(self.gone[url])  # type: ignore[arg-type]  # one of the troubles
        self.fetched.append(url)
        return FETCHED

    async def aclose(self) -> None:
        pass


@pytest.fixture
def web(monkeypatch) -> Web:
    web = Web()
    monkeypatch.setattr("utils.api_doors.ImageFetcher", lambda: web)
    return web


async def taking(served, tmp_path, images: str) -> None:
    """The upstream takes pictures in this way from now on."""
    providers = tmp_path / "providers.yaml"
    text = providers.read_text()
    for way in ("url", "data", "none"):
        text = text.replace(f"images: {way}", f"images: {images}")
    providers.write_text(text)
    await served.app.state.generations.reload()


def parts(*urls: str) -> list[dict]:
    return [{"type": "text", "text": "/echo seen"}, *({"type": "image_url", "image_url": {"url": u}} for u in urls)]


def seen(body: dict) -> list[list[str]]:
    """The pictures of each message of a user."""
    contents = [turn["content"] for turn in body["messages"] if turn["role"] == "user"]
    return [
        [part["image_url"]["url"] for part in content if part["type"] == "image_url"] if type(content) is list else []
        for content in contents
    ]


@pytest.mark.parametrize(("images", "shown"), [("url", ADDRESS), ("data", FETCHED)])
async def test_a_model_that_wants_the_data_is_given_it(tmp_path, web, images, shown):
    async with server(tmp_path) as served:
        await taking(served, tmp_path, images)
        asked = [
            await served.client.post("/v1/chat/completions", json=question(parts(ADDRESS, PICTURE, ADDRESS))),
            await served.client.post("/chat", json={"message": "/echo hi", "images": [ADDRESS, PICTURE]}),
        ]

    assert [response.status_code for response in asked] == [200, 200]
    assert seen(served.asked[0]) == [[shown, PICTURE, shown]]
    assert seen(served.asked[1]) == [[shown, PICTURE]]
    assert web.fetched == ([ADDRESS, ADDRESS] if images == "data" else [])


@pytest.mark.parametrize(
    ("trouble", "words"), [("unreachable", "from there"), ("too_slow", "too long"), ("no_picture", "no PNG")]
)
async def test_a_picture_that_cannot_be_had_is_named_without_its_secret(tmp_path, web, trouble, words):
    web.gone[ADDRESS] = trouble

    async with server(tmp_path) as served:
        await taking(served, tmp_path, "data")
        completion = await served.client.post("/v1/chat/completions", json=question(parts(ADDRESS)))
        chat = await served.client.post("/chat", json={"message": "hi", "images": [PICTURE, ADDRESS]})

    for response, param in ((completion, "messages[0].content"), (chat, "images[1]")):
        error = response.json()["error"]
        assert (response.status_code, error["param"]) == (400, param)
        assert "pictures.example" in error["message"]
        assert words in error["message"]
        assert "secret" not in error["message"]
    assert served.asked == []


@pytest.mark.parametrize(
    "address", ["https://127.0.0.1/a.png", "https://169.254.169.254/latest", "https://localhost/a", "https://[::1]/a"]
)
async def test_nothing_is_fetched_from_this_machine_or_its_network(tmp_path, address):
    async with server(tmp_path) as served:
        await taking(served, tmp_path, "data")
        completion = await served.client.post("/v1/chat/completions", json=question(parts(address)))
        chat = await served.client.post("/chat", json={"message": "hi", "images": [address]})

    assert [completion.status_code, chat.status_code] == [400, 400]
    assert "could not be loaded" in completion.json()["error"]["message"]
    assert served.asked == []


async def test_only_so_many_are_fetched_for_one_question(tmp_path, web):
    urls = [f"https://pictures.example/{number}.png" for number in range(21)]

    async with server(tmp_path) as served:
        await taking(served, tmp_path, "data")
        response = await served.client.post("/v1/chat/completions", json=question(parts(*urls)))

    assert response.status_code == 400
    assert "only 20 are fetched" in response.json()["error"]["message"]


async def test_a_model_that_sees_nothing_refuses_pictures(tmp_path):
    async with server(tmp_path) as served:
        await taking(served, tmp_path, "none")
        response = await served.client.post("/chat", json={"message": "hi", "images": [PICTURE]})

    assert response.status_code == 400
    assert "cannot be shown pictures" in response.json()["error"]["message"]


async def test_pictures_go_along_in_later_turns_and_are_kept(tmp_path, web):
    async with server(tmp_path) as served:
        first = (await served.client.post("/chat", json={"message": "/echo a", "images": [PICTURE, ADDRESS]})).json()
        more = {"conversation_id": first["conversation_id"]}
        second = (await served.client.post("/chat", json={"message": "/echo b", **more})).json()
        await served.client.post("/chat", json={"regenerate": True, **more})
        kept = (await served.client.get(f"/chat/conversations/{first['conversation_id']}")).json()["messages"]
        page = (await served.client.get(f"/chat/conversations/{first['conversation_id']}?format=markdown")).text

    assert seen(served.asked[1]) == seen(served.asked[2]) == [[PICTURE, ADDRESS], []]
    assert "notes" not in second
    assert (kept[0]["images"], kept[0]["images_not_kept"]) == ([PICTURE, ADDRESS], 0)
    assert f"*(a picture)*\n\n![picture](<{ADDRESS}>)" in page


async def test_what_of_earlier_pictures_cannot_be_shown_is_said_to_both(tmp_path, web):
    async with server(tmp_path) as served:
        first = (await served.client.post("/chat", json={"message": "/echo a", "images": [PICTURE, ADDRESS]})).json()
        more = {"conversation_id": first["conversation_id"]}
        await taking(served, tmp_path, "data")
        web.gone[ADDRESS] = "unreachable"
        lost = (await served.client.post("/chat", json={"message": "/echo b", **more})).json()
        await taking(served, tmp_path, "none")
        blind = (await served.client.post("/chat", json={"message": "/echo c", **more})).json()

    assert lost["notes"] == ["A picture of earlier messages cannot be loaded or is not kept any more."]
    assert blind["notes"] == ["2 pictures of earlier messages cannot be shown to this model."]
    assert seen(served.asked[1]) == [[PICTURE], []]
    assert "(A picture was here, which cannot be shown.)" in str(served.asked[1]["messages"])
    assert str(served.asked[2]["messages"]).count("(A picture was here, which cannot be shown.)") == 2
