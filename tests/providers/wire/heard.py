"""What a person hears of each recorded stream. The recordings stand beside this file, byte for byte as they come."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from utils.chat import Delta, Usage
from utils.errors import BrokenStream, ContentRefused, Overloaded, ProviderFailure, RateLimited

RECORDINGS = Path(__file__).parent / "recordings"

WEATHER = "It is 21 °C in Zürich."
CITY, ZONE = '{"city":"Zürich"}', '{"zone":"CET"}'
_CITY, _ZONE = '{"city": "Zürich"}', '{"zone": "CET"}'


@dataclass(frozen=True)
class Heard:
    """An answer put together. `failure` is why it is not whole, where it is not."""

    text: str = ""
    usage: Usage | None = None
    reasoning: str = ""
    calls: tuple[tuple[str, str, str], ...] = ()
    """Of each call the id, the name and the arguments."""
    finish_reason: str | None = "stop"
    model: str | None = None
    failure: type[ProviderFailure] | None = None
    signatures: tuple[str, ...] = ()


@dataclass
class Listener:
    """Puts an answer together as it comes."""

    said: list[Delta] = field(default_factory=list)

    def heard(self, failure: type[ProviderFailure] | None = None) -> Heard:
        pieces = [piece for delta in self.said for piece in delta.tool_calls]
        calls = {
            index: [piece for piece in pieces if piece.index == index] for index in {piece.index for piece in pieces}
        }
        return Heard(
            "".join(delta.text for delta in self.said),
            next((delta.usage for delta in reversed(self.said) if delta.usage), None),
            "".join(delta.reasoning for delta in self.said),
            tuple(
                (
                    next((piece.id for piece in call if piece.id), ""),
                    next((piece.name for piece in call if piece.name), ""),
                    "".join(piece.arguments for piece in call),
                )
                for _, call in sorted(calls.items())
            ),
            next((delta.finish_reason for delta in reversed(self.said) if delta.finish_reason), None),
            next((delta.model for delta in self.said if delta.model), None),
            failure,
            tuple(piece.signature for piece in pieces if piece.signature),
        )


_OPENAI = Usage(21, 9, 16, 4)
_GPT = "gpt-6-luna-2026-09-30"

HEARD = {
    "openai-text": Heard("It is 21 °C in Zürich 🌤️.", usage=_OPENAI, model=_GPT),
    "openai-tools": Heard(
        calls=(("call_Ab1", "get_weather", CITY), ("call_Cd2", "get_time", ZONE)),
        finish_reason="tool_calls",
        usage=_OPENAI,
        model=_GPT,
    ),
    "openai-refusal": Heard("I'm sorry, I can't help with that.", usage=_OPENAI, model=_GPT),
    "anthropic-text": Heard(WEATHER, Usage(25, 12), model="claude-haiku-5-5"),
    "anthropic-tools": Heard(
        "Let me look.",
        Usage(25, 12),
        calls=(("toolu_01A", "get_weather", _CITY),),
        finish_reason="tool_calls",
        model="claude-haiku-5-5",
    ),
    "gemini-text": Heard(WEATHER, Usage(11, 9), model="gemini-3.8-flash"),
    "gemini-tools": Heard(
        usage=Usage(11, 6),
        calls=(("function-call-1", "get_weather", CITY), ("function-call-2", "get_time", ZONE)),
        finish_reason="tool_calls",
        model="gemini-3.8-flash",
        signatures=("EjQKMgEMOdbHabc=",),
    ),
    "gemini-tools-in-pieces": Heard(
        usage=Usage(11, 12),
        calls=(("call_297140", "get_weather", CITY),),
        finish_reason="tool_calls",
        model="gemini-3.8-flash",
        signatures=("EjQKMgEMOdbHabc=",),
    ),
    "gemini-withheld": Heard(
        usage=Usage(11, 3), finish_reason="content_filter", model="gemini-3.8-flash", failure=ContentRefused
    ),
    "fireworks-reasoning": Heard(
        WEATHER, Usage(14, 27, 8), "The user wants weather.", model="accounts/fireworks/models/glm-5p3-flash"
    ),
    "together-reasoning": Heard(WEATHER, Usage(12, 20, 4), "Weather, then.", model="openai/gpt-oss-120b"),
    "together-tools": Heard(
        calls=(("call_t1", "get_weather", CITY), ("call_t2", "get_time", ZONE)),
        finish_reason="tool_calls",
        model="openai/gpt-oss-120b",
    ),
    "groq-reasoning": Heard(WEATHER, Usage(73, 31), "Easy one.", model="openai/gpt-oss-20b"),
    "groq-tools": Heard(
        usage=Usage(73, 31),
        calls=(("fc_1", "get_weather", CITY), ("fc_2", "get_time", ZONE)),
        finish_reason="tool_calls",
        model="openai/gpt-oss-20b",
    ),
    "groq-stopped": Heard("It is", finish_reason=None, model="openai/gpt-oss-20b", failure=Overloaded),
    "ollama-reasoning": Heard(WEATHER, Usage(68, 40), "Thinking.", model="gpt-oss:20b"),
    "ollama-tools": Heard(
        usage=Usage(68, 40),
        calls=(("call_8k2", "get_weather", CITY), ("call_9k3", "get_time", ZONE)),
        finish_reason="tool_calls",
        model="gpt-oss:20b",
    ),
    "azure-text": Heard(WEATHER, usage=_OPENAI, model=_GPT),
    "azure-withheld": Heard(finish_reason="content_filter", model=_GPT, failure=ContentRefused),
    "bedrock-text": Heard(f"<reasoning>Hm.</reasoning>{WEATHER}", Usage(70, 33), model="openai.gpt-oss-120b-1:0"),
    "huggingface-text": Heard(WEATHER, Usage(36, 10), model="meta-llama/Llama-3.3-70B-Instruct"),
    "cohere-text": Heard(WEATHER, Usage(9, 11), model="command-r7b-12-2024"),
    "cohere-tools": Heard(
        usage=Usage(9, 11),
        calls=(("get_weather_a1b2", "get_weather", _CITY),),
        finish_reason="tool_calls",
        model="command-r7b-12-2024",
    ),
    "openrouter-reasoning": Heard(
        WEATHER, Usage(12, 30, 4, 18, 6, Decimal("0.0000168")), "First, look.", model="z-ai/glm-5.3-flash"
    ),
    "openrouter-broken": Heard("It is", finish_reason=None, model="z-ai/glm-5.3-flash", failure=Overloaded),
    "openrouter-busy": Heard(finish_reason=None, failure=RateLimited),
    "mistral-thinking": Heard(WEATHER, Usage(13, 31), "First, look.", model="magistral-medium-2509"),
    "mistral-tools": Heard(
        usage=Usage(13, 31),
        calls=(("D681PevKs", "get_weather", _CITY), ("a9B8c7D6e", "get_time", _ZONE)),
        finish_reason="tool_calls",
        model="magistral-medium-2509",
    ),
    "mistral-cut-off": Heard("It is 21", Usage(13, 31), finish_reason="length", model="magistral-medium-2509"),
    "deepseek-reasoning": Heard(WEATHER, Usage(20, 50, 12, 30), "First, look.", model="deepseek-flash"),
    "deepseek-tools": Heard(
        usage=Usage(20, 50, 12, 30),
        reasoning="Look.",
        calls=(("call_00_x", "get_weather", _CITY), ("call_01_y", "get_time", _ZONE)),
        finish_reason="tool_calls",
        model="deepseek-flash",
    ),
    "deepseek-out-of-resources": Heard(
        "It is", finish_reason="insufficient_system_resource", model="deepseek-flash", failure=Overloaded
    ),
    # It counts the tokens of thinking beside those of the answer.
    "xai-reasoning": Heard(WEATHER, Usage(32, 129, 6, 120, 0, Decimal("0.000337")), "Look.", model="grok-4.3"),
    "xai-tools": Heard(
        usage=Usage(32, 129, 6, 120),
        calls=(("call_x1", "get_weather", CITY), ("call_x2", "get_time", ZONE)),
        finish_reason="tool_calls",
        model="grok-4.3",
    ),
    "cerebras-reasoning": Heard(WEATHER, Usage(80, 25, 0, 7), "Look.", model="gpt-oss-120b"),
    "sambanova-reasoning": Heard(WEATHER, Usage(40, 20), "Look.", model="gpt-oss-120b"),
    "nvidia-reasoning": Heard(WEATHER, Usage(71, 30), "Look.", model="openai/gpt-oss-120b"),
    "moonshot-reasoning": Heard(WEATHER, Usage(19, 21, 19), "Look.", model="kimi-k2.6"),
    "moonshot-tools": Heard(
        usage=Usage(19, 21),
        reasoning="Look.",
        calls=(("get_weather:0", "get_weather", _CITY), ("get_time:1", "get_time", _ZONE)),
        finish_reason="tool_calls",
        model="kimi-k2.6",
    ),
    "poe-text": Heard(f"*Thinking...*\n\n> Look.\n\n{WEATHER}", Usage(30, 15), model="Claude-Sonnet-4.6"),
    "vllm-reasoning": Heard(WEATHER, Usage(15, 21), "Look.", model="Qwen/Qwen3.8-8B"),
    "vllm-tools": Heard(
        calls=(("chatcmpl-tool-1", "get_weather", _CITY), ("chatcmpl-tool-2", "get_time", _ZONE)),
        finish_reason="tool_calls",
        model="Qwen/Qwen3.8-8B",
    ),
    "vllm-broken": Heard("It is", finish_reason=None, model="Qwen/Qwen3.8-8B", failure=Overloaded),
    "lmstudio-think-tags": Heard(f"<think>Look.</think>\n\n{WEATHER}", model="qwen3-8b"),
    "lmstudio-crash": Heard("It is", finish_reason=None, model="qwen3-8b", failure=BrokenStream),
    "llamacpp-reasoning": Heard(WEATHER, Usage(18, 12), "Look.", model="gpt-3.5-turbo"),
    "llamacpp-tools": Heard(calls=(("Kq1", "get_weather", CITY),), finish_reason="tool_calls", model="gpt-3.5-turbo"),
    "litellm-reasoning": Heard(WEATHER, Usage(40, 14, 10, 3, 20), "Look.", model="claude-haiku-5-5"),
    "litellm-broken": Heard("It is", finish_reason=None, model="claude-haiku-5-5", failure=RateLimited),
    "neutral-line-separators": Heard("one\u2028two\u2029three\x85four\x0bfive", model="m"),
    "neutral-no-end-mark": Heard("It is 21 °C", Usage(1, 2), model="m"),
    "neutral-calls-without-ids": Heard(
        calls=(("", "get_weather", '{"city": "Z\\u00fcrich"}'), ("", "get_time", _ZONE)),
        finish_reason="tool_calls",
        model="m",
    ),
    "neutral-whole-message": Heard("It is 21 °C", Usage(1, 2), model="m"),
    "neutral-cut-off-in-silence": Heard("It is 21", finish_reason=None, model="m", failure=BrokenStream),
    "neutral-impossible-counts": Heard("Hi", Usage(0, 1_000_000_000), model="m"),
}
"""By recording. The first word of its name is the profile."""
