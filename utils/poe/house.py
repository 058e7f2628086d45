"""What all bots of one server share."""

from dataclasses import dataclass

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

    async def aclose(self) -> None:
        """Close every connection."""
        await self.attachments.aclose()
        await self.cost_api.aclose()
        await self.files.aclose()
        await self.providers.aclose()
