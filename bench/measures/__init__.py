"""What is measured. Each measure is an object that says how many steps it takes, and gives rows when it has run."""

from .cold_start import ColdStart, ColdStartRow
from .first_token import FirstToken, FirstTokenRow
from .load import Load, LoadRow

__all__ = ["ColdStart", "ColdStartRow", "FirstToken", "FirstTokenRow", "Load", "LoadRow"]
