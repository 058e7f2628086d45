"""Numbers as people read them."""

from decimal import Decimal


def dollars(cost: Decimal) -> str:
    """An amount with as many digits as say something of it."""
    if cost == 0:
        return "$0"
    if cost >= 1:
        return f"${cost:,.2f}"
    return f"${cost:.{max(2, 1 - cost.adjusted())}f}"


def seconds(value: float) -> str:
    """A time: in milliseconds where it is short."""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"
