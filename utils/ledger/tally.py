"""What has become of the records that a ledger was given."""

from time import monotonic

import structlog

_log = structlog.get_logger(__name__)
_SAID_EVERY_SECONDS = 10.0


class Tally:
    """Counts since the start, and what is wrong now. A loss is said aloud, but not for every record of many."""

    def __init__(self) -> None:
        self.taken = 0
        self.written = 0
        self.lost = 0
        self.problem = ""
        """What keeps records from being written; empty where nothing does."""
        self.has_journal = True
        """Whether what is taken now gets into the journal; where it does not, it lives as long as this process."""
        self._unsaid = 0
        self._said_at = float("-inf")

    def lose(self, records: int, why: str) -> None:
        """They are nowhere."""
        self.lost += records
        self._unsaid += records
        if monotonic() - self._said_at >= _SAID_EVERY_SECONDS:
            self._said_at = monotonic()
            self.say_losses(why)

    def say_losses(self, why: str) -> None:
        """Say what was not said yet."""
        unsaid, self._unsaid = self._unsaid, 0
        if unsaid:
            _log.error("ledger.lost", records=unsaid, lost_so_far=self.lost, why=why)

    def journal_takes(self, *, lines: bool) -> None:
        """Whether the journal has taken the last line that it was given, or could take one."""
        if lines is self.has_journal:
            return
        self.has_journal = lines
        if lines:
            _log.info("ledger.journal_back")
        else:
            _log.warning(
                "ledger.journal_away", why="records wait in memory only: were the server killed, they are lost"
            )

    def failed(self, problem: str) -> None:
        """Writing does not work; said when it begins, and when it is something else."""
        if problem != self.problem:
            _log.warning("ledger.away", problem=problem)
        self.problem = problem

    def works(self) -> None:
        """Writing works (again)."""
        if self.problem:
            _log.info("ledger.back", written=self.written)
        self.problem = ""
