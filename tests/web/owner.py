"""A server on a free port, and its owner, who has the key."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.apps import app_of
from tests.serving import serving

KEY = "a-key-for-the-owner-0123456789"
PROVIDERS = """\
# who answers
providers:
  # needs no key
  - name: demo
    kind: demo
    models: [demo]

  - name: studio   # at home
    api_base: http://localhost:1/v1
    headers: {Authorization: "Bearer literal-canary-0123456789", X-Team: "${TEAM:-42}"}
    models: [small]   # more to come
    timeout: 60.0
"""
BOTS = """\
bots:
  - bot_name: Poet   # the first
    provider: demo
    # verse only
    system_message: You answer in verse.
"""


@dataclass(frozen=True)
class Owned:
    """The server as its owner sees it."""

    client: httpx.AsyncClient
    folder: Path

    @property
    def bots(self) -> str:
        """The text of the file."""
        return (self.folder / "bots.yaml").read_text()

    @property
    def providers(self) -> str:
        """The text of the file."""
        return (self.folder / "providers.yaml").read_text()

    async def entry(self, section: str, name: str) -> dict[str, Any]:
        """One entry as it is shown."""
        listed = (await self.client.get("/admin/config")).json()
        (found,) = [entry for entry in listed[section]["entries"] if entry["name"] == name]
        return dict(found)


@contextlib.asynccontextmanager
async def owned(folder: Path, bots: str = BOTS, providers: str = PROVIDERS, **settings: Any) -> AsyncIterator[Owned]:
    """The server with these two files. ADMIN_KEY has to be set to the KEY."""
    app = app_of(folder, bots, providers, **{"ledger": "off", **settings})
    headers = {"authorization": f"Bearer {KEY}"}
    async with serving(app) as address, httpx.AsyncClient(base_url=address, headers=headers, timeout=30) as client:
        yield Owned(client, folder)
