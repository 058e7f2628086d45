"""What all bots of one server share."""

from copy import copy
from dataclasses import dataclass, replace

from utils.providers import GrantedProviders, ProviderPool
from utils.routing import Routes

from .attachments import AttachmentReader
from .charging import CostApi
from .files import PoeFiles


@dataclass(frozen=True)
class House:
    """Opened when it is first needed, closed with the server."""

    providers: ProviderPool | GrantedProviders
    """A bot has only those that were granted to it."""
    routes: Routes
    attachments: AttachmentReader
    cost_api: CostApi
    files: PoeFiles

    def on(self, pool: ProviderPool) -> "House":
        """The same house with other providers: what does not come from the files is as it was."""
        routes = copy(self.routes)
        routes.pool = pool
        return replace(self, providers=pool, routes=routes)

    async def aclose(self) -> None:
        """Close every connection."""
        await self.attachments.aclose()
        await self.cost_api.aclose()
        await self.files.aclose()
        await self.providers.aclose()
