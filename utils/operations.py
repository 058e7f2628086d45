"""What the owner does to a running server by /admin, put together: the two files, trials of providers, Poe."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import httpx

from utils.chat import Origin, Usage
from utils.keys import Keyring, masked
from utils.ledger.prices import Prices
from utils.poe.door import MountedBot
from utils.poe.door.calls import BotCalls, Calls
from utils.poe.sync import POE, STATE, Endpoint, SyncedSettings, sync_round
from utils.poe.sync.document import fingerprint
from utils.poe.sync.endpoint import NotAccepted
from utils.poe.sync.round import document_of
from utils.providers import ProviderPool
from utils.providers.trial import Trial, trial_of
from utils.registry.editing import Examine
from utils.routing.direct import Books
from utils.settings import Settings, environment
from utils.web import ConfigDesk, ConfigEditor, Desk, PoeDesk, TrialDesk

_ON_MODAL = (
    "On Modal the two files are part of what was deployed. Change them where you deploy from, and then:"
    " modal deploy app.py"
)
_TEST = Origin(door="test", bot="provider test")
_LONGEST_ERROR = 500
_SHORTEST_KEY_WITH_A_HINT = 16


def why_fixed(environ: Mapping[str, str]) -> str | None:
    """Why the files cannot be changed where this runs: a container would forget it, and the others not know of it."""
    return _ON_MODAL if environ.get("MODAL_IS_REMOTE") == "1" else None


def desks(
    settings: Settings,
    pool: Callable[[], ProviderPool],
    prices: Callable[[], Prices],
    relations: "PoeRelations",
    reload: Callable[[], Awaitable[Mapping[str, Any]]],
    examine: Examine,
    books: Books,
) -> Sequence[Desk]:
    """Everything below /admin but the targets. Nothing is read or opened before somebody comes."""

    def cost_of(provider: str, model: str | None, usage: Usage | None) -> Decimal | None:
        return prices().cost(provider, model, usage)[0]

    async def trial(name: str) -> Trial:
        with books.attempt(_TEST, name, pool().registry[name].model) as tried:
            trial = await trial_of(pool(), name, cost_of)
            tried.outcome = "answered" if trial.outcome == "ok" else "failed"
            tried.first_content, tried.usage, tried.error = trial.seconds_to_first_word, trial.usage, trial.failure
        return trial

    editor = ConfigEditor(
        {"bots": settings.bot_config, "providers": settings.provider_config},
        examine,
        lambda: pool().keyring.secrets(),
        lambda: why_fixed(environment()),
    )
    return (
        ConfigDesk(editor, reload),
        TrialDesk(lambda: tuple(pool().registry), trial),
        PoeDesk(relations),
    )


class PoeRelations:
    """How the bots that are served stand with Poe."""

    def __init__(self, bots: Callable[[], Sequence[MountedBot]], calls: Calls, public_url: str) -> None:
        self._bots = bots
        self._calls = calls
        self._public_url = public_url.rstrip("/") or None
        self._keyring = Keyring()
        self._one_at_a_time = asyncio.Lock()
        """The file of what Poe was told is read and written as a whole."""

    def names(self) -> list[str]:
        """The bots that are served."""
        return [mounted.name for mounted in self._bots()]

    async def listing(self) -> Mapping[str, Any]:
        """How each of them stands. No key is in it."""
        memory, secrets = await asyncio.to_thread(SyncedSettings, STATE), self._keyring.secrets()
        rows = [await self._row(mounted, memory, secrets) for mounted in self._bots()]
        return {"public_url": self._public_url, "bots": rows}

    async def sync(self, bot: str, *, force: bool) -> Mapping[str, Any]:
        """Tell Poe of its settings, as `config_manager.py sync` does."""
        mounted = next(each for each in self._bots() if each.name == bot)
        async with self._one_at_a_time, httpx.AsyncClient() as client:
            memory = await asyncio.to_thread(SyncedSettings, STATE)
            outcomes = [each async for each in sync_round([mounted], Endpoint(client, POE), memory, force=force)]
        (outcome,) = outcomes
        return {
            "synced": outcome.result in {"synced", "unchanged"},
            "result": outcome.result,
            "message": masked(outcome.detail, self._keyring.secrets()) or _SAID[outcome.result],
        }

    async def _row(self, mounted: MountedBot, memory: SyncedSettings, secrets: frozenset[str]) -> dict[str, Any]:
        calls, key = self._calls.of(mounted.name), mounted.access_key()
        return {
            "bot": mounted.name,
            "path": mounted.path,
            "url": f"{self._public_url}{quote(mounted.path)}" if self._public_url else None,
            "access_key_names": list(mounted.key_names),
            "has_access_key": key is not None,
            "key_hint": f"…{key[-4:]}" if key and len(key) >= _SHORTEST_KEY_WITH_A_HINT else None,
            **await _settings_of(mounted, memory, secrets | ({key} if key else set())),
            **_calls_as_json(calls, secrets),
        }


_SAID = {"synced": "Poe has taken the settings.", "unchanged": "Poe has these settings already."}


async def _settings_of(mounted: MountedBot, memory: SyncedSettings, secrets: frozenset[str]) -> dict[str, Any]:
    told = memory.of(mounted.name)
    try:
        now: str | None = fingerprint(await document_of(mounted.bot, secrets))
        problem = None
    except NotAccepted as exc:
        now, problem = None, str(exc)
    return {
        "settings_hash": now,
        "synced_hash": told.fingerprint if told else None,
        "synced_at": told.at if told else None,
        "in_sync": told.fingerprint == now if told and now else None,
        "problem": problem,
    }


def _calls_as_json(calls: BotCalls, secrets: frozenset[str]) -> dict[str, Any]:
    return {
        "last_called_at": calls.last_at,
        "last_call": calls.last_type,
        "calls": calls.by_type.total(),
        "calls_by_type": dict(calls.by_type),
        "errors": [{"at": at, "message": _shown(message, secrets)} for at, message in reversed(calls.errors)],
    }


def _shown(message: str, secrets: frozenset[str]) -> str:
    """Poe's words, without keys; cut text may end with half of a surrogate pair, which UTF-8 cannot say."""
    return masked(message, secrets)[:_LONGEST_ERROR].encode("utf-8", "replace").decode("utf-8")
