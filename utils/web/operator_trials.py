"""POST /admin/providers/{name}/test: one tiny real question, as `config_manager.py test` asks it."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from utils.problems import did_you_mean
from utils.providers.trial import Trial

from .operator_desk import Actions
from .operator_key import error

_log = structlog.get_logger(__name__)

_PROVIDERS = "/admin/providers/"
_TEST = "/test"
_AT_ONCE = 4
_LONGEST_SECONDS = 120.0


class TrialDesk:
    """Each trial is a request that is paid for, so only so many run at a time."""

    def __init__(
        self,
        providers: Callable[[], Collection[str]],
        trial: Callable[[str], Awaitable[Trial]],
        longest_seconds: float = _LONGEST_SECONDS,
    ) -> None:
        self._providers = providers
        self._trial = trial
        self._longest_seconds = longest_seconds
        self._running = 0

    def actions(self, path: str) -> Actions:
        """What is done at the path, by method."""
        name = path.removeprefix(_PROVIDERS).removesuffix(_TEST)
        if not (path.startswith(_PROVIDERS) and path.endswith(_TEST) and name):
            return {}

        async def tested(request: Request) -> Response:
            return await self._tested(name)

        return {"POST": tested}

    async def _tested(self, name: str) -> Response:
        known = self._providers()
        if name not in known:
            return error(404, f"There is no provider of this name.{did_you_mean(name, known)}")
        if self._running >= _AT_ONCE:
            return error(429, f"{_AT_ONCE} providers are being tested now.", **{"retry-after": "2"})
        self._running += 1
        try:
            async with asyncio.timeout(self._longest_seconds):
                trial = await self._trial(name)
        except TimeoutError:
            what = f"its answer had no end after {self._longest_seconds:g} seconds"
            trial = Trial(name, None, "failed", problem=f"{what}.", fix="Try another model as `default_model`.")
        finally:
            self._running -= 1
        _log.info("operator.tested", provider=name, outcome=trial.outcome)
        return JSONResponse({**trial.told(), "cost": None if trial.cost is None else f"{trial.cost:f}"})
