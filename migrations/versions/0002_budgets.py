"""What was spent of each budget in each period, and what is reserved of it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "budget_purses",
        *_purse(),
        sa.Column("ends", sa.BigInteger, nullable=False),
        sa.Column("usd_spent", sa.BigInteger, nullable=False),
        sa.Column("usd_reserved", sa.BigInteger, nullable=False),
        sa.Column("usd_limit", sa.BigInteger),
        sa.Column("tokens_spent", sa.BigInteger, nullable=False),
        sa.Column("tokens_reserved", sa.BigInteger, nullable=False),
        sa.Column("tokens_limit", sa.BigInteger),
        sa.Column("has_warned", sa.Boolean, nullable=False),
    )
    op.create_index("budget_purses_ends", "budget_purses", ["ends"])
    op.create_table(
        "budget_holds",
        sa.Column("id", sa.String(32), primary_key=True),
        *_purse(),
        sa.Column("usd", sa.BigInteger, nullable=False),
        sa.Column("tokens", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.create_index("budget_holds_until", "budget_holds", ["until"])


def downgrade() -> None:
    """Take them away, with all that is in them."""
    op.drop_table("budget_holds")
    op.drop_table("budget_purses")


def _purse() -> tuple["sa.Column[str]", ...]:
    return (
        sa.Column("owner", sa.String(250), primary_key=True),
        sa.Column("scope", sa.String(16), primary_key=True),
        sa.Column("who", sa.String(250), primary_key=True),
        sa.Column("period", sa.String(10), primary_key=True),
    )
