"""Everything that is raised on purpose, as one tree.

    PoeBotsError
    ├── ConfigError                 a file or a variable is wrong: the owner has to change it
    │   └── EditRefused             a change of a file was not made, and the file is as it was (`findings`, `reason`)
    │   ├── KeyStoreError           the store of keys cannot be opened, read or written
    │   └── NotGranted              a bot asked for a provider that it may not use
    └── BotError                    this answer failed; asking again may work
        ├── BotErrorNoRetry         asking again the same way cannot work
        └── ProviderFailure         a provider did not give a whole answer
            ├── RateLimited         it wants us to wait (`retry_after` seconds, where it said so)
            ├── Overloaded          it is too busy, or broken on its side
            ├── Unreachable         no connection could be made, or it was refused
            ├── TimedOut            it was silent for too long
            ├── BrokenStream        the answer stopped before its end
            │   ├── EmptyAnswer     the answer ended without a word in it
            │   └── NotAStream      what came back was no event stream (a web page, say)
            └── and, no retry:
                ├── KeyMissing      the server has no key for it (`variable` names what to set)
                ├── KeyRefused      it does not accept our key
                ├── QuotaExhausted  our account there is empty
                ├── ModelNotFound   it does not serve this model
                ├── ContextTooLong  the conversation is longer than the model can read
                ├── ContentRefused  its content policy declined
                └── RequestRejected it does not understand something that we sent

The message of a plain `BotError` or `BotErrorNoRetry` is written by a bot's author for the person who is
chatting. The message of a `ProviderFailure` is for the log; what the person reads instead stands in
`utils.poe.sentences`.
"""

from collections.abc import Sequence

from utils.problems import Problem


class PoeBotsError(Exception):
    """The root: catch it to catch everything that this server raises on purpose."""


class ConfigError(PoeBotsError):
    """The configuration cannot be used; the message says what, where and what to do."""


class KeyStoreError(ConfigError):
    """The store of keys is damaged, locked or out of reach, or the master key is not its own. Nothing was changed."""


class NotGranted(ConfigError):
    """Name the bot in the provider's `allow`, or the provider in the bot's entry, to make this work."""


class EditRefused(ConfigError):
    """A change of a configuration file was not made. `findings` are what `check` would say of the changed files."""

    def __init__(self, message: str, findings: Sequence[Problem] = (), *, reason: str = "invalid") -> None:
        super().__init__(message)
        self.findings = tuple(findings)
        self.reason = reason
        """invalid, missing, exists, in_use (others need it), shared (an alias stands for it), busy, unwritable, changed
        (the file is not what it was)."""


class BotError(PoeBotsError):
    """The answer failed. The message is shown to the person who asked."""

    allow_retry = True


class BotErrorNoRetry(BotError):
    """The answer failed, and would fail again. The message is shown to the person who asked."""

    allow_retry = False


class ProviderFailure(BotError):
    """A provider gave no whole answer. The message is for the log, already free of secrets."""

    def __init__(
        self, message: str = "", *, provider: str = "", status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.provider = provider
        self.status = status
        self.retry_after = retry_after


class RateLimited(ProviderFailure):
    """Too many requests for now: wait `retry_after` seconds, or ask another provider."""


class Overloaded(ProviderFailure):
    """The provider is too busy or has an error of its own: another one may answer."""


class Unreachable(ProviderFailure):
    """No connection: a wrong `api_base`, a provider that is down, or no network."""


class TimedOut(ProviderFailure):
    """The provider was silent for longer than `timeout` allows."""


class BrokenStream(ProviderFailure):
    """The answer began and did not come to its end."""


class EmptyAnswer(BrokenStream):
    """The answer ended without any content."""


class NotAStream(BrokenStream):
    """The reply was no event stream; its beginning is in the message."""


class KeyMissing(ProviderFailure, BotErrorNoRetry):
    """Set the environment variable `variable` (on Modal: in the secret) to make this work; or read `why` not."""

    def __init__(self, variable: str, *, provider: str = "", why: str = "") -> None:
        super().__init__(why or f"{variable} is not set", provider=provider)
        self.variable = variable


class KeyRefused(ProviderFailure, BotErrorNoRetry):
    """The provider does not accept our key, or the key may not do this."""


class QuotaExhausted(ProviderFailure, BotErrorNoRetry):
    """The owner's account at the provider has no credit left."""


class ModelNotFound(ProviderFailure, BotErrorNoRetry):
    """The provider does not serve this model (or nothing answers at this `api_base`)."""


class ContextTooLong(ProviderFailure, BotErrorNoRetry):
    """The conversation does not fit into the model."""


class ContentRefused(ProviderFailure, BotErrorNoRetry):
    """The provider's content policy declined the question or the answer."""


class RequestRejected(ProviderFailure, BotErrorNoRetry):
    """The provider did not accept a parameter or the form of the request."""
