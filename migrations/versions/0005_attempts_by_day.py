"""What finds the slowest, dearest and failed attempts of a day, those of one person, and all of one answer."""

from alembic import op
from sqlalchemy import text

revision = "0005"
down_revision = "0004"

_DAY = "(at / 86400000000)"
_COLUMNS = ("seconds", "first_content", "cost", "user", "reference")


def upgrade() -> None:
    """Make the indexes. The day comes first, so that whatever is written now goes to one place in each of them."""
    for column in _COLUMNS:
        op.create_index(f"attempts_day_{column}", "attempts", [text(_DAY), column])
    failed = text("error != ''")
    op.create_index(
        "attempts_day_error", "attempts", [text(_DAY), "error"], sqlite_where=failed, postgresql_where=failed
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_index("attempts_day_error", "attempts")
    for column in _COLUMNS:
        op.drop_index(f"attempts_day_{column}", "attempts")
