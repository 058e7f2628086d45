"""Connections to AWS that follow no redirect: a signed question goes to the host that was named, and to no other.

aiobotocore, unlike botocore, leaves it to aiohttp, which follows.
"""

from typing import Any


def direct_session() -> type[Any]:
    """The class of aiobotocore's own sessions, but an answer that points elsewhere is an answer."""
    # What aiobotocore stands on opens a socket when it is imported, so it is not before it is needed.
    from aiobotocore.httpsession import AIOHTTPSession

    class DirectSession(AIOHTTPSession):  # type: ignore[misc]  # aiobotocore says nothing of its types
        async def _get_session(self, proxy_url: str | None) -> "_Direct":
            return _Direct(await super()._get_session(proxy_url))

    return DirectSession


class _Direct:
    """A session of aiohttp, as far as aiobotocore uses it."""

    def __init__(self, session: Any) -> None:
        self._session = session

    async def request(self, *where: Any, **what: Any) -> Any:
        """The answer from just there."""
        return await self._session.request(*where, **what, allow_redirects=False)
