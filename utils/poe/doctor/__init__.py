"""Plays Poe against a bot server, ours or anybody's, and says of every rule of the protocol whether it holds.

examination   the checks one after the other, and what each found
check         one rule and how it is tried
event_stream  the answer's events, read strictly: what a lenient reader would forgive is noted
answer        one answer with all that was seen of it
patient       the bot that is examined, asked as Poe asks
probes        questions that many checks have in common

and the checks themselves, by what they are about:
access_checks · settings_checks · answer_checks · body_checks · history_checks · report_checks · load_checks ·
error_checks
"""

from .access_checks import ACCESS_CHECKS
from .answer_checks import ANSWER_CHECKS
from .body_checks import BODY_CHECKS
from .check import Check, Result
from .error_checks import ERROR_CHECKS
from .examination import examine
from .history_checks import HISTORY_CHECKS
from .load_checks import LOAD_CHECKS
from .patient import Patient
from .report_checks import REPORT_CHECKS
from .settings_checks import SETTINGS_CHECKS

CHECKS: tuple[Check, ...] = (
    *ACCESS_CHECKS,
    *SETTINGS_CHECKS,
    *ANSWER_CHECKS,
    *BODY_CHECKS,
    *HISTORY_CHECKS,
    *REPORT_CHECKS,
    *LOAD_CHECKS,
    *ERROR_CHECKS,
)
"""All, in the order in which they are tried. The first one decides whether the others can be."""

__all__ = ["CHECKS", "Check", "Patient", "Result", "examine"]
