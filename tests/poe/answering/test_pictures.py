import fastapi_poe as fp
import pytest

from utils.chat import Delta, Image
from utils.poe.answering import Way, event_of, presented


async def deltas(*given):
    for delta in given:
        yield delta


async def shown(*given):
    return [event_of(event) async for event in presented(deltas(*given), Way())]


async def test_a_picture_is_a_file_of_the_answer_with_the_words_that_show_it():
    picture = Image("https://cdn.example/a.png")

    events = await shown(Delta(text="Here: "), Delta(images=(picture,)), Delta(text="done"))

    assert [event.text for event in events] == ["Here: ", "![picture 1][picture1]\n\n", "done"]
    assert events[1].attachment == fp.Attachment(
        url="https://cdn.example/a.png", content_type="image/png", name="picture-1", inline_ref="picture1"
    )


@pytest.mark.parametrize("kind", ["image/png", "image/webp"])
async def test_a_picture_alone_is_an_answer(kind):
    (event,) = await shown(Delta(images=(Image(f"data:{kind};base64,AAAA"),)))

    assert event.attachment.content_type == kind


async def test_more_pictures_than_poe_takes_are_left_out():
    events = await shown(Delta(images=(Image("https://cdn.example/a.png"),) * 30))

    assert len(events) == 20
