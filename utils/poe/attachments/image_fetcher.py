"""Pictures from the web, as `data:` addresses."""

import asyncio
import base64
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog

from .image_type import image_type
from .limits import Limits
from .reach import Reach, Resolve, addresses_of
from .recent_pictures import RecentPictures
from .trouble import NotLoaded

if TYPE_CHECKING:
    from .safe_fetch import SafeFetch

_log = structlog.get_logger(__name__)


class ImageFetcher:
    """Fetches pictures within the limits, from where the reach allows, and remembers them for a while."""

    def __init__(
        self,
        limits: Limits = Limits(),  # noqa: B008 it is frozen
        *,
        reach: Reach = Reach(),  # noqa: B008 it is frozen
        resolve: Resolve = addresses_of,
        recent: RecentPictures | None = None,
    ) -> None:
        self._limits = limits
        self._reach = reach
        self._resolve = resolve
        self._recent = RecentPictures() if recent is None else recent
        self._web: SafeFetch | None = None

    async def fetch(self, url: str) -> str:
        """The picture as a `data:` address. Raises `NotLoaded`."""
        known = self._recent.get(url)
        if known is not None:
            return known
        try:
            picture = _data_address(await self._bytes(url))
        except NotLoaded as exc:
            cause = exc.__cause__
            error = type(cause).__name__ if cause else None  # its words may hold the address
            _log.info("picture.not_loaded", host=_host(url), trouble=exc.trouble, error=error)
            raise
        self._recent.put(url, picture)
        return picture

    async def aclose(self) -> None:
        """Let go of all connections."""
        web, self._web = self._web, None
        if web is not None:
            await web.aclose()

    async def _bytes(self, url: str) -> bytes:
        try:
            async with asyncio.timeout(self._limits.seconds_per_image):
                return await self._opened().get(url, self._limits.bytes_per_image)
        except TimeoutError as exc:
            raise NotLoaded("too_slow") from exc

    def _opened(self) -> "SafeFetch":
        if self._web is None:
            from .safe_fetch import SafeFetch  # it brings aiohttp, which conversations without pictures do not need

            self._web = SafeFetch(self._reach, self._resolve)
        return self._web


def _data_address(data: bytes) -> str:
    kind = image_type(data)
    if kind is None:
        raise NotLoaded("no_picture")
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _host(url: str) -> str | None:
    """The rest of the address may be secret: who has it has the picture."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
