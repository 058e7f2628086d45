"""What is told of an answer is kept with it, and the pictures of a question."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_COLUMNS = (
    ("cached_tokens", sa.BigInteger),
    ("reasoning_tokens", sa.BigInteger),
    ("cost", sa.BigInteger),
    ("cost_source", sa.String(16)),
    ("first_content", sa.BigInteger),
    ("seconds", sa.BigInteger),
    ("attempts", sa.Text),
    ("reasoning", sa.Text),
    ("images", sa.Text),
    ("pictures", sa.Integer),
)


def upgrade() -> None:
    """Add the columns."""
    for name, kind in _COLUMNS:
        op.add_column("chat_messages", sa.Column(name, kind))


def downgrade() -> None:
    """Take them away, with all that is in them."""
    for name, _ in reversed(_COLUMNS):
        op.drop_column("chat_messages", name)
