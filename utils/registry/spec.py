"""What all entries of the configuration have in common."""

import re
from typing import Any

from pydantic import BaseModel, ConfigDict

_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_KEY_BEGINNINGS = ("sk-", "sk_", "gsk_", "hf_", "AIza", "r8_", "xai-", "nvapi-", "csk-", "fw_", "tgp_", "key-", "ABSK")
_LONGEST_UNDIVIDED_NAME = 19

PROVIDER_NAME = r"^[^\s:/]+$"
BOT_NAME = r"^[^\x00-\x1f\x7f/?#%\\]+$"
PATH = r"^/[^\s?#%\\]*$"
FORMS = {
    PROVIDER_NAME: "should hold no blank, colon or slash",
    BOT_NAME: "should hold no `/`, `?`, `#`, `%` or backslash",
    PATH: "should begin with a slash, and hold no blank, `?`, `#`, `%` or backslash",
}
"""What each pattern asks for, in words."""


class Spec(BaseModel):
    """Unknown keys are errors; the text under a field is its help in the editor."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        coerce_numbers_to_str=True,
        protected_namespaces=(),
        allow_inf_nan=False,
    )


def variable_name(name: str) -> str:
    """The name, checked to be one of an environment variable. The message never repeats what may be a key."""
    # Poe's access keys and many API keys are 32 letters and digits: a variable of that length has underscores.
    is_undivided = "_" not in name and len(name) > _LONGEST_UNDIVIDED_NAME
    if not _VARIABLE_NAME.match(name) or name.startswith(_KEY_BEGINNINGS) or is_undivided:
        raise ValueError(
            "here stands the *name* of an environment variable, such as OPENAI_API_KEY, and never a key itself"
            " (if a real key stood here, replace it: it is in your files)"
        )
    return name


def with_other_name(data: Any, name: str, other: str) -> Any:
    """The data with the key `other` under its proper `name`. Both at once are a mistake."""
    if not isinstance(data, dict) or other not in data:
        return data
    if name in data:
        raise ValueError(f"`{other}` and `{name}` are the same key; keep one of them")
    return {(name if key == other else key): value for key, value in data.items()}
