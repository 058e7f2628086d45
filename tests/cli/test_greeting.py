import io

import pytest
from rich.console import Console

from utils.cli.greeting import print_greeting
from utils.web import BotCard, Overview

LONG = "accounts/fireworks/models/glm-5p3-flash"
BOTS = (
    BotCard("DemoBot", "", "demo", "demo", "/DemoBot", None),
    BotCard("HuggingFaceBot", "", "fireworks", LONG, "/HuggingFaceBot", "FIREWORKS_API_KEY is not set"),
    BotCard("SecondOpinion", "", None, None, "/SecondOpinion", None),
)


@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_every_name_path_model_and_state_is_whole_at_any_width(width):
    console = Console(file=io.StringIO(), width=width)

    print_greeting(Overview("1", BOTS, (), ("bots.yaml:3: [odd] one",), True, {}), "http://127.0.0.1:8000", console)

    shown = console.file.getvalue()
    for words in ("DemoBot", "/HuggingFaceBot", LONG, "FIREWORKS_API_KEY is not set", "its own code", "[odd] one"):
        assert words in shown
