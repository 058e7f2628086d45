"""Who answers for a bot: the targets that its entry names, as one."""

import json
from collections.abc import Callable, Iterable, Iterator

from utils.chat import ChatProvider, Origin
from utils.keys import Caller
from utils.ledger.budgets import Budgeted, Budgets, Limit, Till
from utils.ledger.market import Market
from utils.ledger.prices import Prices
from utils.providers import ProviderPool
from utils.providers.profiles import profile_of
from utils.registry import BotConfig, ModelConfig
from utils.registry.budget_config import BudgetConfig
from utils.registry.routing_config import TargetConfig

from .board import Board
from .cache import AnswerStore, Cached, CacheRules, Hit, parse_ttl
from .chain import Chain
from .course import Record, forget
from .direct import Books, RecordedProviders
from .lane import Lane, Target
from .patience import Patience
from .policy import Policy
from .rate_limit import RateLimit, RateLimiter
from .records import tried_of
from .strategies import Split, Strategy, strategy_named

_SPARE_SECONDS = 60.0
"""Between the deadline of an answer and the time when what it has reserved is free again."""

Finding = tuple[str, tuple[str | int, ...]]
"""A sentence, and where in the entry its cause stands."""


class Routes:
    """Makes what answers for each bot. All of them share the board, and so what is known of the providers."""

    def __init__(
        self,
        pool: ProviderPool,
        board: Board | None = None,
        answers: AnswerStore | None = None,
        record: Record = forget,
        patience: Patience | None = None,
        budgets: Budgets | None = None,
        market: Market | None = None,
        began: Record = forget,
    ) -> None:
        """`began` is told of each attempt before anybody is asked, and `record` when it is over."""
        self.pool = pool
        self.budgets = budgets or Budgets()
        self.market = market or Market()
        self.board = board or Board()
        self.answers = answers or AnswerStore()
        self._record = record
        self._began = began
        self._patience = patience or Patience()

    def for_bot(self, config: BotConfig) -> ChatProvider:
        """What answers for the bot."""
        targets = [self._target(each, config) for each in config.all_targets]
        chain = self._chain(config, targets)
        if config.cache is None:
            return chain
        rules = CacheRules(parse_ttl(config.cache.ttl), config.cache.scope)
        first = targets[0]

        def record(origin: Origin, hit: Hit) -> None:
            self._record(origin, tried_of(hit, first.name, first.model))

        split = _split(config)
        return Cached(
            chain,
            rules,
            self.answers,
            self._fingerprint(config, targets),
            record,
            split.variant_of if split else lambda request: "",
        )

    def for_choice(self, config: BotConfig, provider: str, model: str | None) -> ChatProvider:
        """What answers when a person has chosen the model: that one and no other."""
        return self._chain(config, [self._target(TargetConfig(target=f"{provider}:{model or ''}"), config)])

    def recorded(self, caller: Caller, config: BotConfig | None = None) -> RecordedProviders:
        """The providers of one bot, for what it asks without a chain. One that is made of no entry has no budget."""
        limits = _limits(f"bot {config.bot_name}", config.budget) if config else ()
        deadline = config.deadline if config else BotConfig.model_fields["deadline"].default
        return RecordedProviders(self.pool, caller, self.books, limits, deadline + _SPARE_SECONDS)

    @property
    def books(self) -> Books:
        """Where an attempt is written down that is made without a chain."""
        return Books(self._record, self.board.remember, self.budgets, self.market, self._began)

    def limiter(self, config: BotConfig) -> RateLimiter | None:
        """Counts how often each person asks the bot; None where that does not matter."""
        if config.rate_limit is None:
            return None
        return self.board.limiter(config.bot_name, config.rate_limit, RateLimit.parse(config.rate_limit))

    def findings(self, config: BotConfig) -> Iterator[Finding]:
        """What is wrong in what the entry says of routes."""
        checks: tuple[tuple[str, Callable[[], object]], ...] = (
            ("strategy", lambda: strategy_named(config.strategy)),
            ("rate_limit", lambda: config.rate_limit and RateLimit.parse(config.rate_limit)),
            ("cache", lambda: config.cache and parse_ttl(config.cache.ttl)),
        )
        for name, check in checks:
            try:
                check()
            except ValueError as exc:
                yield f"`{name}`: {exc}.", (name,)
        labels = [target.label for target in config.all_targets]
        for name in config.split.shares if config.split else ():
            if name not in labels:
                listed = ", ".join(f"`{label}`" for label in labels)
                yield f"`split.{name}` is none of its targets; they are {listed}.", ("split", name)

    def _chain(self, config: BotConfig, targets: list[Target]) -> Chain:
        roomy = config.context_fallback
        return Chain(
            targets,
            _policy(config),
            strategy=self._strategy(config) if len(targets) > 1 else None,
            context_fallback=self._target(TargetConfig(target=roomy), config) if roomy else None,
            patience=self._patience,
            record=self._record,
            began=self._began,
            remember=self.board.remember,
        )

    def _strategy(self, config: BotConfig) -> Strategy:
        return _split(config) or strategy_named(config.strategy)()

    def _target(self, said: TargetConfig, bot: BotConfig) -> Target:
        provider, config = said.provider, self.pool.registry[said.provider]
        model = said.model or config.model
        info = config.model_config_of(model) or ModelConfig(name=model or "unknown")
        prices = Prices(self.pool.registry, self.market)
        return Target(
            self._within_budget(bot, provider, model, prices),
            provider,
            model,
            self._lanes(provider, model),
            weight=said.weight,
            label=said.label,
            context=info.context,
            accepts_prefill=profile_of(config, model).prefill,
            price=prices.estimate_of(provider, model),
        )

    def _within_budget(self, bot: BotConfig, provider: str, model: str | None, prices: Prices) -> ChatProvider:
        """The provider, asked only while there is money."""
        limits = (
            *_limits(f"bot {bot.bot_name}", bot.budget),
            *_limits(f"provider {provider}", self.pool.registry[provider].budget),
        )
        till = Till(provider, model, limits, self.budgets, prices, bot.deadline + _SPARE_SECONDS)
        return Budgeted(self.pool.get(provider), till)

    def _lanes(self, provider: str, model: str | None) -> Callable[[], tuple[Lane, ...]]:
        """One lane for each key that is set now. Where there can be no more than one, the same tuple every time."""
        keys, most = self.pool.keys_of(provider), self.pool.registry[provider].max_concurrent
        if not keys.are_several:
            alone = (self.board.lane(provider, model, keys.sole_label, most),)
            return lambda: alone
        return lambda: tuple(self.board.lane(provider, model, label, most) for label in keys.labels())

    def _fingerprint(self, config: BotConfig, targets: list[Target]) -> str:
        """Everything that shapes an answer and stands in no request."""
        params = [self.pool.registry[target.name].model_dump(mode="json") for target in targets]
        models = [[target.name, target.model] for target in targets]
        return json.dumps([config.bot_name, config.strategy, models, params], sort_keys=True, default=str)


def _limits(owner: str, budgets: Iterable[BudgetConfig]) -> tuple[Limit, ...]:
    return tuple(Limit(owner, budget) for budget in budgets)


def _split(config: BotConfig) -> Split | None:
    return Split(config.split.shares, config.split.by, config.bot_name) if config.split else None


def _policy(config: BotConfig) -> Policy:
    return Policy(
        retries=config.retries,
        deadline=config.deadline,
        first_content_timeout=config.first_content_timeout,
        idle_timeout=config.idle_timeout,
        on_break=config.on_break,
        refusal_falls_back=config.on_refusal == "fallback",
        hedge_after=config.hedge_after_ms / 1000 if config.hedge_after_ms else None,
    )
