"""An answer as it is read aloud."""

from __future__ import annotations

import pytest

from backend.formats.spoken import sentences, speakable_text


@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        ("# Title\n\nUse **`print`**, *now*.", "Title.\nUse print, now."),
        ("Indented:\n\n    x = 2\n", "Indented:"),
        ("Run:\n\n```py\nprint(1)\n```\n\nDone", "Run:\nDone."),
        ("```py\nprint(1)\n``` [1]【4:0†source】\n\nDone", "Done."),
        ("Say `x[0] = {1}` or not", "Say or not."),
        ("- one\n- two\n\n1. three", "one.\ntwo.\nthree."),
        ("| A | B |\n|---|---|\n| 1 | 2 |", "A, B.\n1, 2."),
        ("See [the docs](https://x.test) [1] at https://y.test/z", "See the docs at."),
        ("$$\\int x$$ and $a^2=b$ of $n$ costs $5 and $6", "and of n costs $5 and $6."),
        ("![a cat](data:image/png;base64,AAAA) <b>sits</b>", "a cat sits."),
        ("```\nonly code\n```", ""),
        ("你好。", "你好。"),
        ("> [!NOTE]\n> Be *quick*", "Note: Be quick."),
        (
            "As known[^1] and **Note:**so.\n\n- [x] done\n- [ ] open\n\n[^1]: By him.",
            "As known and Note: so.\ndone.\nopen.",
        ),
        ("It is 2*3*4【4:0†source】, or 2**3.", "It is 2*3*4 , or 2**3."),
    ],
)
def test_words_are_said_and_marks_and_code_are_not(markdown: str, said: str) -> None:
    assert speakable_text(markdown) == said


def test_a_long_text_is_read_to_the_end_of_a_sentence() -> None:
    assert sentences("One is here. Two is there. Three is cut off", 30) == "One is here. Two is there."
    assert len(sentences("x" * 99, 30)) == 30 and sentences("short", 30) == "short"
