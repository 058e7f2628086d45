"""What the attempts of a day add up to, and those of each person by the day and by the month."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TABLES = {
    "usage_days": {"bot": 200, "provider": 200, "model": 300, "variant": 300, "outcome": 16, "error": 64},
    "usage_user_days": {"user": 200, "bot": 200, "error": 64},
    "usage_user_months": {"user": 200, "bot": 200, "error": 64},
}
_COUNTS = (
    "requests",
    "attempts",
    "answered",
    "failed",
    "hits",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "saved_input_tokens",
    "saved_output_tokens",
    "cost",
    "priced",
    "unpriced",
    "first_contents",
    "first_content",
    "seconds",
)
_SQUARES = ("cost_squared", "first_content_squared", "seconds_squared")
_BUCKETS = tuple(f"{what}_{number:02}" for what in ("first", "lasted") for number in range(29))


def upgrade() -> None:
    """Make the tables."""
    for name, dimensions in _TABLES.items():
        op.create_table(
            name,
            sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("key", sa.String(32), primary_key=True),
            *(sa.Column(dimension, sa.String(width), nullable=False) for dimension, width in dimensions.items()),
            *(sa.Column(count, sa.BigInteger, nullable=False) for count in _COUNTS),
            *(sa.Column(square, sa.Float(53), nullable=False) for square in _SQUARES),
            *(sa.Column(bucket, sa.BigInteger, nullable=False) for bucket in _BUCKETS),
            sqlite_with_rowid=False,
        )
        if "user" in dimensions:
            op.create_index(f"{name}_user", name, ["user", "day", "cost", "attempts"])


def downgrade() -> None:
    """Take them away. What they hold cannot be had from the attempts that were deleted since."""
    for name in _TABLES:
        op.drop_table(name)
