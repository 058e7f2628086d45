"""Pictures that a program sends along: the data itself, or an https address, from which it is fetched for those models
that want to be shown the data.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from urllib.parse import urlsplit

from utils.chat import Image
from utils.registry.profile import Images

from .refusals import WrongField

MOST_FETCHED = 20
"""For one question."""
_MOST_CHARACTERS = 40_000_000
"""Of all that are fetched for one question."""

_DATA = re.compile(r"data:image/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=_-]+", re.IGNORECASE)
_HTTPS = re.compile(r"https://[!-~]{1,8192}")


class PictureMissing(Exception):
    """A picture is not to be had; its words are a clause that says why."""


Fetch = Callable[[str], Awaitable[str]]
"""The picture at an https address as a `data:` address. Raises `PictureMissing`."""


def picture(url: str, images: Images, place: str) -> Image:
    """The picture in this field, for a model that is shown pictures in this way. Raises `WrongField`."""
    if images == "none":
        raise WrongField(f"`{place}`: this model cannot be shown pictures.", place, code="unsupported_value")
    if not _DATA.fullmatch(url) and not _HTTPS.fullmatch(url):
        raise WrongField(f"`{place}` should be an https address, or `data:image/…;base64,…`.", place)
    return Image(url)


def is_data(image: Image) -> bool:
    """Whether the picture itself is in its address."""
    return image.url[:5].lower() == "data:"


async def shown(pictures: Iterable[Image], images: Images, fetch: Fetch) -> Mapping[str, Image | PictureMissing]:
    """Each picture by its address, as a model that is shown pictures in this way takes it; or why it is missing."""
    known = {image.url: image for image in pictures}
    if images != "data":
        return known
    outside = [url for url, image in known.items() if not is_data(image)]
    fetched = await asyncio.gather(*(_fetched(url, fetch) for url in outside[:MOST_FETCHED]))
    late = [PictureMissing(f"only {MOST_FETCHED} are fetched for one question")] * len(outside[MOST_FETCHED:])
    return {**known, **dict(zip(outside, [*_within(_MOST_CHARACTERS, fetched), *late], strict=True))}


def host_of(url: str) -> str:
    """Where the picture is. The rest of its address may be secret: who has it has the picture."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


async def _fetched(url: str, fetch: Fetch) -> Image | PictureMissing:
    try:
        return Image(await fetch(url))
    except PictureMissing as exc:
        return exc


def _within(room: int, found: Iterable[Image | PictureMissing]) -> Iterable[Image | PictureMissing]:
    for each in found:
        if isinstance(each, PictureMissing):
            yield each
        elif len(each.url) > room:
            yield PictureMissing("all pictures of the question together are too large")
        else:
            room -= len(each.url)
            yield each
