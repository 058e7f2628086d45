"""How patient and how stubborn an answer is: what an owner may set about it."""

from dataclasses import dataclass
from typing import Literal

OnBreak = Literal["replace", "continue", "error"]


@dataclass(frozen=True)
class Policy:
    """The rules of one bot. All times in seconds."""

    retries: int = 2
    """How many further attempts there may be, over all targets and keys together."""
    deadline: float = 600.0
    """After how long the answer has to be over, whatever was tried meanwhile."""
    first_content_timeout: float | None = None
    """How long a target may take to its first word; unset: 20 while another one could take over."""
    idle_timeout: float | None = None
    """How long a target may be silent within its answer; unset: as its provider's `timeout`."""
    on_break: OnBreak = "replace"
    """What happens when an answer breaks off after its first word."""
    refusal_falls_back: bool = False
    """Whether another target is asked when one refuses the content."""
    hedge_after: float | None = None
    """After how long without a word a second target is asked as well; unset: never."""
