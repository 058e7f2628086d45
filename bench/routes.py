"""What routing costs where nothing is to be routed: `python -m bench.routes`.

One bot on one provider, asked in this process, against the provider alone. The upstream answers at once, so that all
the time is ours. Rounds take turns, and the figure is the median of their ratios.
"""

import asyncio
import logging
import sys
import time
from contextlib import aclosing
from statistics import median

import structlog

from utils.chat import ChatMessage, ChatProvider, ChatRequest
from utils.providers import ProviderPool
from utils.registry import BotConfig, ProviderConfig, ProviderRegistry
from utils.routing import Routes

from .contenders import demo, replaying
from .machine import Cores
from .rig.client import Client
from .rig.wire import openai_question


def main(rounds: int = 15, answers: int = 150) -> int:
    """Print the cost of an answer both ways, for short answers and long ones."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    cores = Cores.of_this_machine()
    cores.pin(0, "under test")
    for tokens in (1, 300):
        with demo(cores) as source, Client(source.port) as client:
            recorded = client.ask(openai_question(f"/tokens {tokens}")).response
        with replaying(cores, recorded) as upstream:
            alone, routed, ratio = asyncio.run(_measured(f"http://127.0.0.1:{upstream.port}/v1", rounds, answers))
        print(f"{tokens:>4} tokens: provider alone {alone:6.0f} µs, as a route {routed:6.0f} µs, ratio {ratio:.3f}")
    return 0


async def _measured(address: str, rounds: int, answers: int) -> tuple[float, float, float]:
    """Microseconds of CPU for an answer of the provider alone and as a route, and the median ratio of the two."""
    provider = ProviderConfig(name="upstream", api_base=address, default_model="demo")
    pool = ProviderPool(ProviderRegistry([provider]))
    alone, route = pool.get("upstream"), Routes(pool).for_bot(BotConfig(bot_name="Bench", provider="upstream"))
    await _cpu_of(alone, answers)
    pairs = [(await _cpu_of(alone, answers), await _cpu_of(route, answers)) for _ in range(rounds)]
    await pool.aclose()
    first, second = zip(*pairs, strict=True)
    return median(first), median(second), median(routed / plain for plain, routed in pairs)


async def _cpu_of(provider: ChatProvider, answers: int) -> float:
    request = ChatRequest((ChatMessage("user", "Hi"),))
    began = time.process_time()
    for _ in range(answers):
        async with aclosing(provider.stream(request)) as deltas:
            async for _ in deltas:
                pass
    return 1e6 * (time.process_time() - began) / answers


if __name__ == "__main__":
    sys.exit(main())
