"""Where API keys and Poe access keys come from. They are looked up when used, never logged."""

from .access_keys import access_key_names, find_access_key
from .environment import looks_secret, masked, secrets_in
from .grants import Caller, Grants, get_api_key_secure
from .key import Key
from .keyring import Keyring, find_api_key, get_api_key, known_secrets
from .pool import KeyPool, KeyState

__all__ = [
    "Caller",
    "Grants",
    "Key",
    "KeyPool",
    "KeyState",
    "Keyring",
    "access_key_names",
    "find_access_key",
    "find_api_key",
    "get_api_key",
    "get_api_key_secure",
    "known_secrets",
    "looks_secret",
    "masked",
    "secrets_in",
]
