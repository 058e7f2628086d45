"""Money as it is told: in dollars, as text."""

from decimal import Decimal


def money(billionths: float) -> str:
    """The amount in dollars, exactly."""
    return format((Decimal(int(billionths)) / 10**9).normalize(), "f")
