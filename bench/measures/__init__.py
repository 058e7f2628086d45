"""What is measured: one measure in each file, and the sizes of a full run and of a quick one."""

from collections.abc import Mapping

from .cold_start import ColdStart
from .first_token import FirstToken
from .history import History
from .long_answers import LongAnswers
from .memory import Memory
from .messages import Messages
from .paced import Paced
from .result import Measure, Result, Row
from .short_answers import ShortAnswers
from .single_tokens import SingleTokens
from .streams import Streams
from .workers import Workers

FULL: Mapping[str, Measure] = {
    "start": ColdStart(),
    "first": FirstToken(),
    "short": ShortAnswers(),
    "long": LongAnswers(),
    "single": SingleTokens(),
    "messages": Messages(),
    "history": History(),
    "paced": Paced(),
    "streams": Streams(),
    "memory": Memory(),
    "workers": Workers(),
}
"""In the order in which they run, by the names that `--only` knows."""

QUICK: Mapping[str, Measure] = {
    "start": ColdStart(rounds=1, warm_up_rounds=0),
    "first": FirstToken(rounds=1, seconds=0.2),
    "short": ShortAnswers(rounds=1, connections=8, seconds=0.3),
    "long": LongAnswers(rounds=1, connections=4, answers=40, rounds_of_proxy=1),
    "single": SingleTokens(rounds=1, connections=2, seconds=0.3),
    "messages": Messages(rounds=3),
    "history": History(rounds=1, answers=40),
    "paced": Paced(rounds=1, connections=5, tokens=30),
    "streams": Streams(rounds=1, seconds=0.6, levels=(5,)),
    "memory": Memory(rounds=1, streams=20, seconds=1.0),
    "workers": Workers(streams=20, seconds=0.5),
}
"""The same, so short that the numbers are rough."""

__all__ = ["FULL", "QUICK", "Measure", "Result", "Row"]
