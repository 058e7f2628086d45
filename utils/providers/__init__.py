"""One spec of `providers.yaml` becomes one `ChatProvider`. What a vendor's API says and how it fails stays in here."""

from .pool import ProviderPool

__all__ = ["ProviderPool"]
