"""How much and how often a ledger writes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """Times in seconds."""

    most_in_memory: int = 10_000
    """Records that wait in memory; more of them wait in the journal alone."""
    batch: int = 500
    """Records in one transaction."""
    interval: float = 0.5
    """In which records gather before they are written."""
    first_pause: float = 0.5
    """After a failure; twice as long after the next."""
    longest_pause: float = 30.0
    secure_seconds: float = 1.0
    """How often, in such a pause, what is in memory only is brought into the journal."""
    step_seconds: float = 60.0
    """After which a transaction is given up and tried again."""
    closing_seconds: float = 6.0
    """How long the end of the server waits for what is not written yet; the rest stays in the journal."""
    look_seconds: float = 5.0
    """How often files are looked at that are done."""
    file_seconds: float = 5.0
    """After which nothing is added to a file of the journal any more."""
    open_seconds: float = 30.0
    """How long it is kept for an attempt that is still under way; then that is said again in another file."""
    adopt_seconds: float = 300.0
    """How often is looked for what dead processes have left."""
    forget_seconds: float = 6 * 3600.0
    """How often is looked for what is older than the owner wants to keep."""
