"""Which pictures a model is shown, and in which form."""

import asyncio
from collections.abc import Iterable, Sequence

import fastapi_poe as fp

from utils.chat import Image

from .image_fetcher import ImageFetcher
from .limits import Limits
from .sight import Sight
from .trouble import NotLoaded, Trouble

Fate = Image | Trouble
"""What becomes of a picture: it is shown, or why not."""

_TAKEN_BY_ADDRESS = frozenset({"image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp"})


async def fates_of(
    newest_first: Sequence[fp.Attachment], sight: Sight, fetch: ImageFetcher, limits: Limits
) -> list[Fate]:
    """What becomes of each picture, in the order given."""
    if not sight.sees:
        return ["blind"] * len(newest_first)
    chosen, others = newest_first[: limits.images], newest_first[limits.images :]
    fates = await asyncio.gather(*(_fate(picture, sight, fetch) for picture in chosen))
    late: list[Fate] = ["too_many"] * len(others)
    return [*_within(limits.bytes_of_images, fates), *late]


async def _fate(picture: fp.Attachment, sight: Sight, fetch: ImageFetcher) -> Fate:
    if sight.takes_urls and _can_be_taken_by_address(picture):
        return Image(picture.url)
    try:
        return Image(await fetch.fetch(picture.url))
    except NotLoaded as exc:
        return exc.trouble


def _can_be_taken_by_address(picture: fp.Attachment) -> bool:
    """One picture in a format that the provider does not know would have it refuse the whole question."""
    is_known = picture.content_type.strip().lower() in _TAKEN_BY_ADDRESS
    return is_known and picture.url.lower().startswith("https://")


def _within(room: int, fates: Iterable[Fate]) -> Iterable[Fate]:
    for fate in fates:
        if not isinstance(fate, Image):
            yield fate
        elif len(fate.url) > room:
            yield "no_room"
        else:
            room -= len(fate.url)
            yield fate
