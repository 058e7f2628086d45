"""One spec of `providers.yaml` becomes one `ChatProvider`. What a vendor's API says and how it fails stays in here."""

from .granted import GrantedProviders
from .kinds import Kind, Parts
from .plugins import InstalledKinds
from .pool import ProviderPool

__all__ = ["GrantedProviders", "InstalledKinds", "Kind", "Parts", "ProviderPool"]
