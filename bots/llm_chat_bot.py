"""The generic chat bot: what an entry of bots.yaml is made of when it names no `bot_class`."""

from utils.poe import MultiProviderBot


class LLMChatBot(MultiProviderBot):
    """Answers with its provider's model. All it does is inherited; subclass it to change one thing.

        class Pirate(LLMChatBot):
            def chat_request(self, request):
                asked = super().chat_request(request)
                return replace(asked, temperature=1.0)      # from msgspec.structs

    Then write `bot_class: bots.pirate.Pirate` into the bot's entry.
    """
