"""The price list of genai-prices, which comes with the server. Nothing is fetched."""

from datetime import UTC, datetime
from decimal import Decimal
from threading import Lock, Thread
from typing import TYPE_CHECKING

from utils.chat import Usage

from .tariff import Tariff, tariff_of

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo, Provider

_SAMPLE = 1000
_REMEMBERED_MODELS = 4096


class Market:
    """What the models of vendors cost today. Good for several threads."""

    def __init__(self) -> None:
        self._snapshot: DataSnapshot | None = None
        self._loading = Lock()
        self._has_begun = False
        self._found: dict[tuple[str, str], tuple[Provider, ModelInfo] | None] = {}
        self._tariffs: dict[tuple[str, str], Tariff | None] = {}
        self._rates: dict[tuple[str, str], tuple[float, float] | None] = {}

    @property
    def is_loaded(self) -> bool:
        """Whether nothing has to be waited for."""
        return self._snapshot is not None

    def load(self) -> "DataSnapshot":
        """Import it, which takes a quarter of a second: not on the event loop."""
        with self._loading:
            if self._snapshot is None:
                from genai_prices.data_snapshot import get_snapshot

                self._snapshot = get_snapshot()
            return self._snapshot

    def begin_to_load(self) -> None:
        """Let a thread load it, once."""
        if not self._has_begun:
            self._has_begun = True
            Thread(target=self.load, name="prices", daemon=True).start()

    def cost(self, provider: str, model: str, usage: Usage) -> Decimal | None:
        """What that is worth today, in US dollars; None where it is not known. It is loaded now, if need be."""
        place = self._place(provider, model)
        if place is None:
            return None
        if (provider, model) not in self._tariffs:
            if len(self._tariffs) >= _REMEMBERED_MODELS:
                self._tariffs.clear()
            self._tariffs[provider, model] = tariff_of(lambda usage: _worth(place, usage), place[1].prices)
        tariff = self._tariffs[provider, model]
        return _worth(place, usage) if tariff is None else tariff.cost(usage)

    def rates(self, provider: str, model: str) -> tuple[float, float] | None:
        """About what a token in and a token out cost; None where that is not known, or not yet. Never waits."""
        if not self.is_loaded:
            self.begin_to_load()
            return None
        if (provider, model) not in self._rates:
            if len(self._rates) >= _REMEMBERED_MODELS:
                self._rates.clear()
            self._rates[provider, model] = self._sampled(provider, model)
        return self._rates[provider, model]

    def _sampled(self, provider: str, model: str) -> tuple[float, float] | None:
        read = self.cost(provider, model, Usage(input_tokens=_SAMPLE))
        written = self.cost(provider, model, Usage(output_tokens=_SAMPLE))
        return None if read is None or written is None else (float(read) / _SAMPLE, float(written) / _SAMPLE)

    def _place(self, provider: str, model: str) -> "tuple[Provider, ModelInfo] | None":
        if (provider, model) not in self._found:
            if len(self._found) >= _REMEMBERED_MODELS:
                self._found.clear()
            self._found[provider, model] = self._looked_up(provider, model)
        return self._found[provider, model]

    def _looked_up(self, provider: str, model: str) -> "tuple[Provider, ModelInfo] | None":
        try:
            return self.load().find_provider_model(model, None, provider, None)
        except LookupError:
            return None


def _worth(place: "tuple[Provider, ModelInfo]", usage: Usage) -> Decimal | None:
    from genai_prices import Usage as Tokens

    try:
        tokens = Tokens(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cached_tokens,
            cache_write_tokens=usage.cache_write_tokens,
        )
        of, info = place
        now = datetime.now(UTC)
        worth = info.calc_price(tokens, of, genai_request_timestamp=now, auto_update_timestamp=None)
    except (LookupError, ValueError, TypeError, ArithmeticError):
        return None
    return worth.total_price
