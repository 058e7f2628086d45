"""What Poe tells a bot without wanting an answer."""

from .check import Check
from .probes import takes

_IDS = {"message_id": "m-" + "0" * 32, "user_id": "u-" + "0" * 32, "conversation_id": "c-" + "0" * 32}
_LIKE = {"type": "report_feedback", **_IDS, "feedback_type": "like"}
_HEART = {"type": "report_reaction", **_IDS, "reaction": "heart"}

REPORT_CHECKS = (
    Check("report-feedback", "A `report_feedback` request is answered with 2xx.", takes(_LIKE)),
    Check("report-reaction", "A `report_reaction` request is answered with 2xx.", takes(_HEART)),
    Check(
        "report-unknown-reaction",
        "A reaction that nobody knows yet is answered with 2xx.",
        takes({**_HEART, "reaction": "from_the_future", "action": "added"}),
    ),
    Check(
        "report-error",
        "A `report_error` request is answered with 2xx.",
        takes({"type": "report_error", "message": "This is a test of config_manager.py doctor.", "metadata": {}}),
    ),
)
