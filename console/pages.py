"""The pages of the console, in the order of their names at the top. A new page is a row here."""

from collections.abc import Callable
from typing import NamedTuple

from .bots import page as bots
from .chat import page as chat
from .compare import page as compare
from .poe_connection import page as poe_connection
from .providers import page as providers
from .server import Server
from .usage import page as usage


class Page(NamedTuple):
    """One page: its name, its icon, its path in the address, and what shows it."""

    title: str
    icon: str
    path: str
    show: Callable[[Server], None]


PAGES = (
    Page("Chat", ":material/forum:", "chat", chat.show),
    Page("Compare", ":material/compare:", "compare", compare.show),
    Page("Bots", ":material/smart_toy:", "bots", bots.show),
    Page("Providers", ":material/dns:", "providers", providers.show),
    Page("Poe", ":material/link:", "poe", poe_connection.show),
    Page("Usage", ":material/monitoring:", "usage", usage.show),
)
