"""Writes the bundled script (backend/demos/bundled/scripts/tour.json).

    python -m scripts.compose_tour

It needs no key and no network: its recordings were composed by hand (scripts/compose_recordings.py), and say so.
"""

from __future__ import annotations

import json

from backend.demos import script_file
from backend.demos.script import Script, Step
from backend.demos.shelf import shelf
from scripts.compose_recordings import FOLDER
from scripts.compose_recordings import Script as Run

QUESTION = "What is an API? Explain it in three sentences to somebody who never heard the word."


def answered() -> Run:
    """The recording that stands by if no model answers the first question."""
    run = Run("tour", "What is an API?", "A short answer in plain words.", "Chat")
    run.ask(QUESTION)
    run.say(
        "An API is a **door** through which one program asks another one for something. Think of a restaurant: you "
        "do not walk into the kitchen, you give your order to a waiter, and the dish comes back the same way. Here "
        "your question is the order, the model is the kitchen, and this page is the waiter."
    )
    return run


def play(name: str, caption: str) -> Step:
    return Step("play", caption, recording=shelf()[name], shelf=name)


def tour() -> Script:
    return Script(
        "What happens when you ask an AI?",
        (
            Step(
                "words",
                "What happens between your question and the answer?",
                "Your words travel to a model as a request. The answer comes back in pieces, as it is written.",
            ),
            Step(
                "ask",
                "One question goes out. Watch the answer arrive word by word.",
                prompt=QUESTION,
                recording=answered().recording(),
            ),
            Step(
                "words",
                "Where does the next word come from: a database, the internet, or a guess?",
                "A guess. The model gives every possible next word a probability, and one of them is drawn.",
            ),
            Step(
                "words",
                "Temperature says how adventurous that draw may be.",
                "At 0 it nearly always takes the likeliest word. At 1.5 it takes risks: fresher, and often wrong.",
            ),
            play("race", "The same question to three models at once. Which answer would you trust?"),
            Step(
                "words",
                "A bat and a ball cost $1.10 together. The bat costs $1.00 more than the ball. What is the ball?",
                "Most people say 10 cents, at once. Let us see what a model does that thinks first.",
            ),
            play("reasoning", "Some models think before they answer. Open the thoughts, and read along."),
            Step(
                "words",
                "Can a model look something up, or do a sum?",
                "Not by itself. It writes down which tool it would like to use; a program runs it, and the model "
                "reads what came out.",
            ),
            play("two-tools", "Two tools at once: the model asks, programs answer, the model sums up."),
            Step(
                "words",
                "And now you: what shall we ask?",
                "The box below is yours. Take the chat home with the code.",
            ),
        ),
        "For people who never saw an API: ten minutes, three ideas, and a question of your own.",
    )


def main() -> None:
    """Write it."""
    script = script_file.looked_through(tour())
    text = json.dumps(script_file.as_json(script), ensure_ascii=False, indent=1)
    target = FOLDER / "scripts" / "tour.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    main()
