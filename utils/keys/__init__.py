"""Where API keys and Poe access keys come from. They are looked up when used, never logged."""

from .access_keys import access_key_names, find_access_key
from .environment import find_api_key, get_api_key, looks_secret, masked, secrets_in
from .key import Key
from .keyring import Keyring
from .pool import KeyPool

__all__ = [
    "Key",
    "KeyPool",
    "Keyring",
    "access_key_names",
    "find_access_key",
    "find_api_key",
    "get_api_key",
    "looks_secret",
    "masked",
    "secrets_in",
]
