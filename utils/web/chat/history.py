"""A kept conversation as the model is told it: its words, and its pictures as far as they can still be shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from utils.chat import ChatMessage, Image
from utils.ledger.chat_turns import Turn
from utils.registry.profile import Images

from ..pictures import Fetch, PictureMissing, host_of, shown
from ..refusals import WrongField

_MOST_SHOWN = 20
_NOT_SEEN = "(A picture was here, which cannot be shown.)"


@dataclass(frozen=True)
class History:
    """The messages, the oldest first, and sentences for the person about what is missing of them."""

    messages: tuple[ChatMessage, ...]
    notes: tuple[str, ...] = ()


async def history_of(turns: Sequence[Turn], images: Images, fetch: Fetch, *, is_new: bool) -> History:
    """What was said, for a model that is shown pictures in this way. The last turn is the question.

    Where that `is_new` all of its pictures are needed. Raises `WrongField`.
    """
    urls = [url for turn in reversed(turns) for url in reversed(turn.images)][:_MOST_SHOWN]
    can_see = images != "none"
    found = await shown(map(Image, urls), images, fetch) if can_see else {}
    if is_new:
        _refuse_missing(found, turns[-1].images)
    seen = {url: image for url, image in found.items() if isinstance(image, Image)}
    return History(tuple(_messages(turns, seen)), tuple(_notes(turns, seen, can_see=can_see)))


def _refuse_missing(found: Mapping[str, Image | PictureMissing], urls: Sequence[str]) -> None:
    for at, url in enumerate(urls):
        one, place = found[url], f"images[{at}]"
        if isinstance(one, PictureMissing):
            raise WrongField(f"`{place}`: the picture at {host_of(url)} cannot be used, for {one}.", place)


def _messages(turns: Sequence[Turn], seen: Mapping[str, Image]) -> Iterator[ChatMessage]:
    drawn: tuple[Image, ...] = ()
    for turn in turns:
        pictures = tuple(seen[url] for url in turn.images if url in seen)
        missing = [_NOT_SEEN] * (turn.pictures - len(pictures))
        text = "\n\n".join([*missing, turn.text] if turn.text else missing)
        if turn.role == "user":
            yield ChatMessage("user", text, (*drawn, *pictures))
            drawn = ()
        else:
            # What a model has drawn it is only shown again in what a person says.
            yield ChatMessage("assistant", text)
            drawn = pictures


def _notes(turns: Sequence[Turn], seen: Mapping[str, Image], *, can_see: bool) -> Iterator[str]:
    missing = sum(turn.pictures - sum(url in seen for url in turn.images) for turn in turns)
    if not missing:
        return
    pictures = "A picture" if missing == 1 else f"{missing} pictures"
    why = "cannot be loaded or is not kept any more" if can_see else "cannot be shown to this model"
    yield f"{pictures} of earlier messages {why if missing == 1 else why.replace('is not', 'are not')}."
