"""Every bot once: what it says of itself goes to Poe when Poe does not have it yet."""

from collections.abc import AsyncGenerator, Collection, Iterable
from dataclasses import dataclass
from typing import Literal

import fastapi_poe as fp

from utils.keys import masked

from ..door import MountedBot
from .document import Document, fingerprint, settings_document
from .echo import has_dropped_controls
from .endpoint import Endpoint, NotAccepted
from .memory import SyncedSettings

Result = Literal["synced", "unchanged", "would be sent", "skipped", "failed"]

_DROPPED = (
    "Poe took the settings but dropped all controls, so people will not see them. It does so when it does not "
    "understand any one of them: look at `parameter_controls`, and at the names in it, for what Poe does not know."
)


@dataclass(frozen=True)
class Outcome:
    """What became of one bot, and why."""

    bot: str
    result: Result
    detail: str = ""
    document: Document | None = None
    """What would be sent, where nothing is sent yet."""


async def sync_round(
    bots: Iterable[MountedBot],
    endpoint: Endpoint,
    memory: SyncedSettings,
    *,
    force: bool = False,
    dry_run: bool = False,
) -> AsyncGenerator[Outcome, None]:
    """One outcome for each bot, as it comes. `force` sends also what Poe has, a `dry_run` sends nothing."""
    for mounted in bots:
        key = mounted.access_key()
        if key is None:
            yield Outcome(mounted.name, "skipped", f"it has no access key: set {' or '.join(mounted.key_names)}.")
            continue
        try:
            document = await document_of(mounted.bot, {key})
            if memory.holds(mounted.name, fingerprint(document)) and not force:
                yield Outcome(mounted.name, "unchanged")
            elif dry_run:
                yield Outcome(mounted.name, "would be sent", ", ".join(document), document)
            else:
                yield await _sent(mounted.name, key, document, endpoint, memory)
        except NotAccepted as exc:
            yield Outcome(mounted.name, "failed", str(exc))


async def document_of(bot: fp.PoeBot, secrets: Collection[str]) -> Document:
    """What would be sent. Raises `NotAccepted` where the bot cannot tell it."""
    try:
        return await settings_document(bot)
    except Exception as exc:  # the bot is somebody else's code, and its trouble is not the next one's
        said = masked(f"{type(exc).__name__}: {exc}", secrets)
        raise NotAccepted(f"the bot does not tell its settings: {said}") from None


async def _sent(name: str, key: str, document: Document, endpoint: Endpoint, memory: SyncedSettings) -> Outcome:
    reply = await endpoint.update(name, key, document)
    if has_dropped_controls(reply, document):
        return Outcome(name, "failed", _DROPPED)
    try:
        memory.remember(name, fingerprint(document))
    except OSError as exc:
        detail = f"but {memory.path} cannot be written ({exc.strerror}), so the next time it is sent again."
        return Outcome(name, "synced", detail)
    return Outcome(name, "synced")
