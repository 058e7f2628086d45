"""The peculiarities of providers as data: one table, how a row of it is found, and what is learned beside it."""

from .learned import Learned, Remedy, remedied, remedy_for
from .lookup import by_name, known_as, profile_of
from .table import TABLE

__all__ = ["TABLE", "Learned", "Remedy", "by_name", "known_as", "profile_of", "remedied", "remedy_for"]
