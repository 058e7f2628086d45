"""placeholder"""

from .overview import Overview


def page(overview: Overview, address: str) -> str:
    return ""
