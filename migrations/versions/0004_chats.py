"""Conversations of those who ask without Poe, and their messages."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("asked", sa.String(600), nullable=False),
        sa.Column("system", sa.Text),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
    )
    op.create_index("conversations_owner_updated", "conversations", ["owner", "updated"])
    op.create_index("conversations_updated", "conversations", ["updated"])
    op.create_table(
        "chat_messages",
        sa.Column("number", _ID, primary_key=True, autoincrement=True),
        sa.Column("conversation", sa.String(32), sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("provider", sa.String(200)),
        sa.Column("model", sa.String(300)),
        sa.Column("input_tokens", sa.BigInteger),
        sa.Column("output_tokens", sa.BigInteger),
        sa.Column("finish_reason", sa.String(32)),
        sa.Column("reference", sa.String(64)),
    )
    op.create_index("chat_messages_conversation", "chat_messages", ["conversation", "number"])


def downgrade() -> None:
    """Take them away, with all that is in them."""
    op.drop_table("chat_messages")
    op.drop_table("conversations")
