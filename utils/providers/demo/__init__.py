"""A provider that needs no key and no network: the newcomer's first bot, the tests' fake, the benchmarks' upstream.

    conversation   what it says
    directives     what a message or a model's name orders it to do, mishaps included
    script         both together: one answer, before it is given
    pace           how fast it is given
    provider       gives it in this process, as a `ChatProvider`
    server         gives it over HTTP, as any OpenAI-compatible endpoint does

`python -m utils.providers.demo --port 9000` starts the server. It is not imported here, so that a bot which uses
the provider does not pay for a web framework.
"""

from .pace import AT_ONCE, Pace
from .provider import DemoProvider

__all__ = ["AT_ONCE", "DemoProvider", "Pace"]
