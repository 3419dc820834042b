"""How models mark their reasoning in the text of an answer, if a server does not separate it.

A row has the marks that begin and end reasoning in one spelling. They count only at the beginning of an answer. The
closing mark may occur alone, if a chat template has put the opening one into the prompt.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Marks:
    """Any of `opening` begins reasoning, any of `closing` ends it."""

    opening: tuple[str, ...]
    closing: tuple[str, ...]


THOUGHTS = (
    # DeepSeek R1, QwQ, Qwen3, GLM, MiniMax, Hunyuan; Claude if a prompt asks for it
    Marks(
        ("<think>", "<thinking>", "<Think>", "<Thinking>", "<THINK>"),
        ("</think>", "</thinking>", "</Think>", "</Thinking>", "</THINK>"),
    ),
    # Gemini's OpenAI format with include_thoughts (ai.google.dev/gemini-api/docs/openai)
    Marks(("<thought>", "<Thought>"), ("</thought>", "</Thought>")),
    # EXAONE Deep, and others that Open WebUI lists in DEFAULT_REASONING_TAGS (utils/middleware.py)
    Marks(("<reasoning>", "<reason>"), ("</reasoning>", "</reason>")),
    # Magistral (huggingface.co/mistralai/Magistral-Small-2507)
    Marks(("[THINK]",), ("[/THINK]",)),
    # Sky-T1, OpenThinker: the system prompt of their training
    Marks(("<|begin_of_thought|>",), ("<|end_of_thought|>",)),
    # Seed-OSS (huggingface.co/ByteDance-Seed/Seed-OSS-36B-Instruct)
    Marks(("<seed:think>",), ("</seed:think>",)),
    # Kimi-VL-Thinking
    Marks(("◁think▷",), ("◁/think▷",)),
    # Command A Reasoning (docs.cohere.com/docs/reasoning)
    Marks(("<|START_THINKING|>",), ("<|END_THINKING|>",)),
    # MiniMax M3
    Marks(("<mm:think>",), ("</mm:think>",)),
    # LongCat-Flash-Thinking (huggingface.co/meituan-longcat)
    Marks(("<longcat_think>",), ("</longcat_think>",)),
    # Gemma 4; some servers drop the name of the channel
    Marks(("<|channel>thought", "<|channel>\n"), ("<channel|>",)),
    # Apertus
    Marks(("<|inner_prefix|>",), ("<|inner_suffix|>",)),
)
# Marks around the answer after reasoning: Sky-T1 and OpenThinker, Command A.
ANSWERS = (("<|begin_of_solution|>", "<|end_of_solution|>"), ("<|START_RESPONSE|>", "<|END_RESPONSE|>"))
OPENINGS = tuple(mark for marks in THOUGHTS for mark in marks.opening)
CLOSINGS = tuple(mark for marks in THOUGHTS for mark in marks.closing)


def earliest(text: str, marks: tuple[str, ...], start: int = 0) -> tuple[int, str]:
    """The position of the first of these marks, and the mark; (-1, "") if there is none."""
    places = [(at, mark) for mark in marks if (at := text.find(mark, start)) >= 0]
    return min(places, default=(-1, ""))


def begins_with(text: str, marks: tuple[str, ...]) -> str:
    """The mark that a text begins with, "" for none."""
    return next(mark for mark in marks if text.startswith(mark)) if text.startswith(marks) else ""


def may_become(text: str, marks: tuple[str, ...]) -> bool:
    """Whether a text is the beginning of one of these marks."""
    return len(text) <= max(map(len, marks)) and any(mark.startswith(text) for mark in marks)


def without_beginning(text: str, marks: tuple[str, ...]) -> str:
    """A text without an end that may be the beginning of one of these marks."""
    longest, first = max(map(len, marks)), {mark[0] for mark in marks}  # called for each token of an answer
    for at in range(max(0, len(text) - longest + 1), len(text)):
        if text[at] in first and any(mark.startswith(text[at:]) for mark in marks):
            return text[:at]
    return text


def is_quoted(text: str, at: int, end: int, *, ended: bool = True) -> bool:
    """Whether `text` from `at` to `end` is only mentioned: inside code, or in quotation marks. If it has not
    `ended`, the closing quotation mark may be yet to come.
    """
    line = text[text.rfind("\n", 0, at) + 1 : at]
    in_code = line.count("`") % 2 == 1 or (text.count("\n```", 0, at) + text.startswith("```")) % 2 == 1
    before, after = text[at - 1 : at], text[end : end + 1]
    to_come = not ended and not after and any(before == opening for opening, _ in _QUOTES)
    return in_code or to_come or (before, after) in _QUOTES


_QUOTES = {('"', '"'), ("'", "'"), ("“", "”"), ("‘", "’"), ("„", "“"), ("«", "»"), ("「", "」")}
