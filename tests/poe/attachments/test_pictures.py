import asyncio

import pytest

from utils.chat import Image
from utils.poe.attachments import AttachmentReader, Limits, Seen

from .conversations import BLIND, BY_ADDRESS, SEEING, Web, file, picture, said


async def test_a_picture_goes_in_with_its_data():
    [seen] = await AttachmentReader(Web()).read([said("Who?", picture("me.png", "me.png***A man"))], SEEING)

    assert seen == Seen("Who?", (Image("data:me.png"),))


async def test_a_picture_goes_in_by_its_address_where_the_model_takes_that():
    web = Web()

    [seen] = await AttachmentReader(web).read([said("Who?", picture("me.jpg", content_type="IMAGE/JPEG"))], BY_ADDRESS)

    assert seen == Seen("Who?", (Image("https://files.example/me.jpg"),))
    assert not web.asked


@pytest.mark.parametrize(
    "odd",
    [
        picture("me", content_type="image/heic"),
        picture("me", content_type="image/svg+xml"),
        picture("me").model_copy(update={"url": "http://files.example/me"}),
    ],
)
async def test_what_a_provider_might_not_take_by_address_is_looked_at_first(odd):
    web = Web()

    [seen] = await AttachmentReader(web).read([said("Who?", odd)], BY_ADDRESS)

    assert web.asked == ["me"]
    assert seen.images == (Image("data:me"),)


async def test_pictures_of_the_whole_history_are_seen_in_their_order():
    old = said("one", picture("a"), file("text", "TEXT"), picture("b"))
    new = said("two", picture("c"))

    seen = await AttachmentReader(Web()).read([old, said("nice", role="bot"), new], SEEING)

    assert [one.images for one in seen] == [(Image("data:a"), Image("data:b")), (), (Image("data:c"),)]
    assert "TEXT" in seen[0].text


async def test_a_blind_model_has_nothing_fetched():
    web = Web()

    await AttachmentReader(web).read([said("", picture("a"))], BLIND)

    assert not web.asked


@pytest.mark.parametrize(
    ("trouble", "note"),
    [
        ("unreachable", "I could not open me.png. Sending it again may help."),
        ("too_slow", "It took too long to open me.png. Sending it again may help."),
        ("too_large", "I did not look at me.png: a picture may have 10 MB at most."),
        ("no_picture", "I did not look at me.png: I can see PNG, JPEG, GIF and WebP pictures only."),
    ],
)
async def test_of_a_picture_that_cannot_be_had_both_sides_hear(trouble, note):
    [seen] = await AttachmentReader(Web(me=trouble)).read([said("Who?", picture("me.png"))], SEEING)

    assert seen == Seen("(A picture me.png was attached, which you cannot see.)\n\nWho?", (), (note,))


async def test_of_a_picture_that_cannot_be_had_the_description_is_read():
    described = picture("me.png", "me.png***A man")

    [seen] = await AttachmentReader(Web(me="too_large")).read([said("", described)], SEEING)

    assert seen == Seen("Below is a description of the picture me.png:\n\nA man")


async def test_a_picture_that_is_gone_from_the_history_is_not_spoken_of():
    web = Web(old="unreachable")

    seen = await AttachmentReader(web).read([said("one", picture("old")), said("two", picture("new"))], SEEING)

    assert seen[0] == Seen("(A picture old was attached, which you cannot see.)\n\none")
    assert seen[1] == Seen("two", (Image("data:new"),))


async def test_the_newest_pictures_are_seen_where_there_are_too_many():
    web = Web()
    messages = said("", picture("a"), picture("b")), said("", picture("c"), picture("d"))

    seen = await AttachmentReader(web, Limits(images=3)).read(messages, SEEING)

    assert [one.images for one in seen] == [(Image("data:a"),), (Image("data:c"), Image("data:d"))]
    assert "b was attached" in seen[0].text
    assert sorted(web.asked) == ["a", "c", "d"]


async def test_of_too_many_at_once_the_first_are_seen():
    message = said("", picture("a"), picture("b"), picture("c"))

    [seen] = await AttachmentReader(Web(), Limits(images=1)).read([message], SEEING)

    assert seen.images == (Image("data:a"),)
    assert seen.notes == ("I did not look at b and c: I can see 1 at a time.",)


async def test_pictures_beyond_the_room_for_all_are_left_out_the_oldest_first():
    messages = said("", picture("12345")), said("", picture("123456")), said("", picture("1"))
    limits = Limits(bytes_of_images=len("data:1") + len("data:12345"))

    seen = await AttachmentReader(Web(), limits).read(messages, SEEING)

    assert [one.images for one in seen] == [(Image("data:12345"),), (), (Image("data:1"),)]


async def test_all_pictures_are_fetched_at_once():
    class Together(Web):
        everybody = asyncio.Barrier(3)

        async def fetch(self, url):
            await self.everybody.wait()  # one after the other would wait here for ever
            return await super().fetch(url)

    messages = said("", picture("a")), said("", picture("b"), picture("c"))

    seen = await AttachmentReader(Together()).read(messages, SEEING)

    assert sum(len(one.images) for one in seen) == 3


async def test_closing_the_reader_closes_what_it_fetches_with():
    web = Web()

    await AttachmentReader(web).aclose()

    assert web.is_closed
