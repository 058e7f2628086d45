import httpx
import pytest

from tests.poe.door.listening import bot_of, door_of
from utils.poe.remark import Remark

IDS = {"message_id": "m", "conversation_id": "c", "user_id": "u"}


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ({"type": "report_feedback", "feedback_type": "like", **IDS}, Remark("feedback", "like", "m", "c", "u")),
        ({"type": "report_reaction", "reaction": "heart", **IDS}, Remark("reaction", "heart", "m", "c", "u")),
        ({"type": "report_reaction", "reaction": "+new", **IDS}, Remark("reaction", "+new", "m", "c", "u")),
        (
            {"type": "report_error", "message": "oops", "metadata": {"a": 1}},
            Remark("error", "oops", details={"a": 1}),
        ),
    ],
)
async def test_everything_that_is_said_about_an_answer_comes_through_one_place(report, expected):
    heard = []
    bot = bot_of(lambda request: None)

    async def on_remark(remark):
        heard.append(remark)

    bot.on_remark = on_remark
    transport = httpx.ASGITransport(app=door_of(bot))

    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.post("/bot", json=report)

    assert response.json() == {}
    assert heard == [expected]
