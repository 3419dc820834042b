"""Writes the bundled recordings (backend/demos/bundled): composed by hand, and marked as such.

    python -m scripts.compose_recordings

No model wrote any of this, and the page says so: "composed for this demo". The bytes are in the format that
providers send, and each tool result is that of this app's tool for that call.
"""

from __future__ import annotations

import base64
import io
import json
import math
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from backend.demos import document
from backend.demos.recording import Answer, Page, RecordedChunk, RecordedReply, Recording, Result, Round, Talk
from backend.demos.trial import rehearse
from backend.protocol import wire
from backend.tools import calls
from backend.tools.builtin import FUNCTIONS
from backend.types import ChatRequest, Media, Message, Tool, ToolCall
from scripts.compose_race import race

FOLDER = Path(__file__).parents[1] / "backend" / "demos" / "bundled"
MODEL = "example/composed"


class Script:
    """A recording while it is composed: questions, answers and results, in order."""

    def __init__(self, name: str, title: str, about: str, page: Page, tools: Sequence[str] = (), **parameters: Any):
        self.name, self.title, self.about, self.page = name, title, about, page
        self.tools = tuple(calls.describe(FUNCTIONS[tool]) for tool in tools)
        self.model, self.slowness = MODEL, 1.0
        self._parameters = parameters
        self._talks: list[Talk] = []
        self._question = Message("user")
        self._rounds: list[Round] = []
        self._transcript: list[Message] = []
        self._random = random.Random(name)
        self._ids = 0

    # ---- content ----------------------------------------------------------------------------------------

    def ask(self, question: str, *media: Media) -> None:
        self._close()
        self._question = Message("user", question, media=media)
        self._transcript.append(self._question)

    def call(self, *wanted: tuple[str, dict[str, Any]], thought: str = "") -> None:
        """An answer that calls tools; each gets the result of this app's tool."""
        made = [ToolCall(self._id(), name, json.dumps(arguments)) for name, arguments in wanted]
        deltas = [*self._thinking(thought)]
        for place, call in enumerate(made):
            head = {"name": call.name, "arguments": ""}
            deltas.append({"tool_calls": [{"index": place, "id": call.id, "type": "function", "function": head}]})
            deltas += [
                {"tool_calls": [{"index": place, "function": {"arguments": piece}}]}
                for piece in _pieces(call.arguments, 6)
            ]
        outcomes = [self._outcome(call) for call in made]
        seconds = [
            0.0 if outcome.content.startswith(calls.MISFIT) else self._between(0.3, 0.9) for outcome in outcomes
        ]
        results = [Result(out.content, out.ok, took) for out, took in zip(outcomes, seconds, strict=True)]
        self._rounds.append(Round(self._answer(deltas, "tool_calls"), tuple(results)))
        self._transcript.append(Message("assistant", tool_calls=tuple(made)))
        self._transcript += [calls.answer(call, out) for call, out in zip(made, outcomes, strict=True)]

    def say(self, text: str, thought: str = "") -> None:
        deltas = [*self._thinking(thought), *({"content": piece} for piece in _words(text))]
        self._rounds.append(Round(self._answer(deltas, "stop")))
        self._transcript.append(Message("assistant", text))

    def say_with_odds(self, tokens: Sequence[tuple[str, float, dict[str, float]]]) -> None:
        """An answer with log probabilities and alternatives for its tokens."""
        chunks = []
        for text, odds, others in tokens:
            top = [{"token": one, "logprob": at} for one, at in {text: odds, **others}.items()]
            content = [{"token": text, "logprob": odds, "top_logprobs": top}]
            chunks.append(({"content": text}, {"logprobs": {"content": content}}))
        self._rounds.append(Round(self._answer([d for d, _ in chunks], "stop", [more for _, more in chunks])))

    # ---- timing ------------------------------------------------------------------------------------------

    def _answer(self, deltas: Sequence[dict[str, Any]], ending: str, more: Sequence[dict[str, Any]] = ()) -> Answer:
        request = ChatRequest(self.model, tuple(self._transcript), self._parameters, self.tools)
        at, chunks = self._between(0.45, 0.8), list[RecordedChunk]()
        replied = round(at - 0.08, 3)
        for place, delta in enumerate([{"role": "assistant"}, *deltas]):
            beside = more[place - 1] if more and place else {}
            chunks.append(self._chunk(at, {"index": 0, "delta": delta, "finish_reason": None, **beside}))
            at += self._between(0.02, 0.07) * self.slowness
        chunks.append(self._chunk(at, {"index": 0, "delta": {}, "finish_reason": ending}))
        counts = {"prompt_tokens": 40 + 12 * len(self._transcript), "completion_tokens": len(deltas)}
        usage = {**counts, "total_tokens": sum(counts.values())}
        chunks.append(
            RecordedChunk(round(at + 0.01, 3), json.dumps({"choices": [], "usage": usage}, ensure_ascii=False))
        )
        return Answer(
            self.model,
            request=wire.payload(request),
            replies=(RecordedReply(200, replied),),
            chunks=tuple(chunks),
        )

    def _chunk(self, at: float, choice: dict[str, Any]) -> RecordedChunk:
        body = {"object": "chat.completion.chunk", "model": self.model, "choices": [choice]}
        return RecordedChunk(round(at, 3), json.dumps(body, ensure_ascii=False, separators=(",", ":")))

    def _thinking(self, thought: str) -> Iterator[dict[str, Any]]:
        yield from ({"reasoning_content": piece} for piece in _words(thought))

    def _outcome(self, call: ToolCall) -> calls.CallOutcome:
        tool: Tool = next(tool for tool in self.tools if tool.name == call.name)
        problems = calls.problems(call, tool)
        return calls.invalid(problems) if problems else calls.outcome(call, FUNCTIONS)

    def _between(self, least: float, most: float) -> float:
        return round(self._random.uniform(least, most), 3)

    def _id(self) -> str:
        self._ids += 1
        return f"id_{self._ids}"

    def _close(self) -> None:
        if self._rounds:
            self._talks.append(Talk(self._question, tuple(self._rounds)))
            self._rounds = []

    def recording(self) -> Recording:
        self._close()
        return Recording(self.title, tuple(self._talks), self.page, self.about, composed=True, tools=self.tools)


def _words(text: str) -> list[str]:
    return [piece for piece in _split(text) if piece]


def _split(text: str) -> Iterator[str]:
    """The tokens of a word with the space before it, roughly as models split."""
    start = 0
    for place, letter in enumerate(text):
        if letter in " \n" and place > start:
            yield text[start:place]
            start = place
    yield text[start:]


def _pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


# ---- the shelf --------------------------------------------------------------------------------------------


def repaired() -> Script:
    run = Script(
        "1-repaired-call",
        "A call that does not fit, and is repaired",
        "The model writes words where a number belongs. Nothing runs; it reads why, and calls again.",
        "Tools",
        ("find_order",),
    )
    run.ask("Is my order no. 1042 late?")
    run.call(("find_order", {"number": "no. 1042"}))
    run.call(("find_order", {"number": 1042}))
    run.say(
        "Yes. Order **1042** was promised for 9 February 2026 and is still under way on 13 February: it is "
        "**4 days late**."
    )
    return run


def parallel() -> Script:
    run = Script(
        "2-two-tools",
        "Two tools at once",
        "One answer asks for two functions. Both run side by side, and both results go back together.",
        "Tools",
        ("convert_units", "convert_currency"),
    )
    run.ask("How many miles is a marathon, and what are 250 dollars in euro?")
    run.call(
        ("convert_units", {"value": 42.195, "unit": "km", "to": "mi"}),
        ("convert_currency", {"amount": 250, "currency": "USD", "to": "EUR"}),
    )
    run.say(
        "A marathon of 42.195 km is **26.22 miles**. 250 US dollars are **210.76 euro**, at the rate that the "
        "European Central Bank set on 13 February 2026."
    )
    return run


def reasoning() -> Script:
    run = Script(
        "3-reasoning",
        "A model that thinks first",
        "What the model thinks arrives before its answer, in a fold of its own.",
        "Chat",
    )
    run.ask("A bat and a ball cost $1.10 together. The bat costs $1.00 more than the ball. What is the ball?")
    run.say(
        "The ball costs **5 cents**.\n\n- The ball: $0.05\n- The bat: $0.05 + $1.00 = $1.05\n- Together: $1.10\n\n"
        "The quick answer, 10 cents, would make $1.20 together.",
        "10 cents comes to mind at once. Let me check it: then the bat is $1.10, and together they are $1.20. That "
        "is too much.\n\nLet the ball cost x. The bat is x + 1.00. Together 2x + 1.00 = 1.10, so 2x = 0.10 and x = "
        "0.05.\n\nCheck: 0.05 + 1.05 = 1.10. That fits, and 1.05 is exactly 1.00 more than 0.05.",
    )
    return run


def picture() -> Script:
    run = Script("4-picture", "A picture explained", "A chart goes along with the question.", "Chat")
    run.ask("What does this chart say?", Media("image", _chart(), name="visitors.png"))
    run.say(
        "It is a bar chart of three days:\n\n| Day | Bar |\n|---|---|\n| Mon | 4 |\n| Tue | 7 |\n| Wed | 2 |\n\n"
        "**Tuesday** is the highest. Wednesday is less than a third of it. The chart does not say what was counted."
    )
    return run


def _chart() -> str:
    """Three bars, as a data URI."""
    picture = Image.new("P", (240, 150))
    picture.putpalette([255, 255, 255, 40, 40, 40, 70, 120, 200])
    draw = ImageDraw.Draw(picture)
    draw.line((20, 125, 225, 125), fill=1)
    for place, (day, height) in enumerate({"Mon": 4, "Tue": 7, "Wed": 2}.items()):
        left = 40 + 65 * place
        draw.rectangle((left, 125 - 14 * height, left + 38, 124), fill=2)
        draw.text((left + 9, 129), day, fill=1)
        draw.text((left + 16, 111 - 14 * height), str(height), fill=1)
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def odds() -> Script:
    run = Script(
        "5-other-words",
        "What else could it have said?",
        "Each word came with its probability. Open the inspector, under the answer, to see them in colour.",
        "Chat",
        logprobs=True,
        top_logprobs=4,
    )
    run.ask("Finish the sentence: The best thing about the sea is")
    run.say_with_odds([_token(text, **others) for text, others in ODDS])
    return run


def _token(text: str, own: float, **others: float) -> tuple[str, float, dict[str, float]]:
    """Probabilities as logarithms; the keyword of an alternative uses `_` for its space."""
    return text, log(own), {f" {word.strip('_')}": log(odds) for word, odds in others.items()}


def log(probability: float) -> float:
    return round(math.log(probability), 4)


ODDS: tuple[tuple[str, dict[str, float]], ...] = (
    ("The", {"own": 0.91, "It": 0.03, "Its": 0.02, "That": 0.02}),
    (" best", {"own": 0.98, "nicest": 0.01, "greatest": 0.005}),
    (" thing", {"own": 0.99, "part": 0.006}),
    (" about", {"own": 0.99, "of": 0.004}),
    (" the", {"own": 0.99, "our": 0.003}),
    (" sea", {"own": 0.98, "ocean": 0.015}),
    (" is", {"own": 0.99, "would": 0.004}),
    (" the", {"own": 0.41, "its": 0.22, "that": 0.19, "how": 0.11}),
    (" sound", {"own": 0.27, "calm": 0.19, "smell": 0.16, "light": 0.12}),
    (" of", {"own": 0.94, "it": 0.02, "and": 0.01}),
    (" its", {"own": 0.36, "the": 0.35, "waves": 0.21}),
    (" waves", {"own": 0.88, "silence": 0.04, "tides": 0.03}),
    (" at", {"own": 0.31, "against": 0.22, "on": 0.17, "when": 0.08}),
    (" night", {"own": 0.72, "dawn": 0.14, "dusk": 0.06, "sunset": 0.04}),
)


def main() -> None:
    """Write every file."""
    FOLDER.mkdir(exist_ok=True)
    runs = [script() for script in SHELF]
    recordings = {run.name: run.recording() for run in runs}
    recordings["6-race"] = race(lambda model: Script(f"6-race {model}", "", "", "Chat"))
    for name, recording in recordings.items():
        rehearse(recording)
        text = json.dumps(document.document(recording), ensure_ascii=False, indent=1)
        (FOLDER / f"{name}.json").write_text(f"{text}\n", "utf-8")


SHELF = (repaired, parallel, reasoning, picture, odds)

if __name__ == "__main__":
    main()
