"""The generic chat bot: what an entry of bots.yaml is made of when it names no `bot_class`."""

from utils.poe import MultiProviderBot


class LLMChatBot(MultiProviderBot):
    """Answers with its provider's model. All it does is inherited; subclass it to change one thing.

        class Pirate(LLMChatBot):
            async def question(self, request):
                asked = await super().question(request)
                return replace(asked, notes=("Arr!",))      # from dataclasses

    Then write `bot_class: bots.pirate.Pirate` into the bot's entry.
    """
