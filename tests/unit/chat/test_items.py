"""A message as the view draws it: what suits it, which of several it is, its quiet line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend import glossary
from backend.conversation.chat import Chat
from backend.conversation.tree import Conversation, Node
from backend.tools.agent import Agent
from backend.tools.loop import LoopRules
from backend.tools.steps import Offer
from backend.types import JSON, Citation, Failure, Message, Timing, Token, Tool, ToolCall, Usage
from components.chat import answer_figures, items, words

ANSWER = Message("assistant", "Hello", model="fake/alpha", finish_reason="stop", timing=Timing(0.5, 2.0))


def drawn(message: Message, *others: Message, wanted: object = None) -> items.Item:
    """The item of a message, with others beside it at the same place."""
    conversation = Conversation()
    question = conversation.add(Message("user", "Hi"), None)
    for other in others:
        conversation.add(other, question)
    node = conversation.add(message, question)
    return items.item(Chat(None, conversation), conversation[node], wanted)


@pytest.mark.parametrize(
    ("message", "actions"),
    [
        (ANSWER, ("copy", "speak", "regenerate", "edit", "inspect")),
        (replace(ANSWER, state="stopped"), ("copy", "speak", "regenerate", "continue", "edit", "inspect")),
        (replace(ANSWER, finish_reason="length"), ("copy", "speak", "regenerate", "continue", "edit", "inspect")),
        (Message("assistant", state="failed", failure=Failure("TimedOut", "Late", "")), ("inspect",)),
        (replace(ANSWER, state="failed"), ("copy", "continue", "edit", "inspect")),
        (Message("assistant", refusal="No."), ("copy", "regenerate", "edit", "inspect")),
        (Message("user", "Hi"), ("answer", "copy", "edit")),
        (Message("system", "Be brief."), ("copy", "edit")),
    ],
    ids=["done", "stopped", "too long", "failed at once", "failed late", "refused", "question", "system"],
)
def test_a_message_offers_what_suits_it(message: Message, actions: tuple[str, ...]) -> None:
    footer = drawn(message).footer
    assert footer and footer.actions == actions


SURE = replace(ANSWER, logprobs=(Token("Hello", -0.1),))


@pytest.mark.parametrize(
    ("message", "colours", "about"),
    [
        (ANSWER, True, ["explain", "ask colours"]),
        (ANSWER, False, ["explain"]),
        (SURE, False, ["explain", "colours"]),
        (replace(ANSWER, tool_calls=(ToolCall("1", "clock", "{}"),)), True, ["explain"]),
        (Message("assistant", state="failed", failure=Failure("Late")), True, ["explain"]),
        (Message("user", "Hi"), True, []),
    ],
    ids=["can be coloured", "cannot", "is coloured", "calls", "failed", "question"],
)
def test_the_menu_offers_colours_only_where_possible(message: Message, colours: bool, about: list[str]) -> None:
    conversation = Conversation()
    node = conversation.add(message, conversation.add(Message("user", "?"), None))
    footer = items.footer(Chat(None, conversation), conversation[node], colours=colours, chains=("picture",))
    made = ["picture"] if message.role == "assistant" and message.content else []
    assert [*footer.menu] == [*about, *made, "add", "delete", "delete below"]
    lane = items.of_lane(footer)
    assert lane and [*lane.menu] == about


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("One sentence, no more.", False),
        ("Two. Of them.", True),
        ("- one\n- two", True),
        ("```\nx\n```", False),
        ("一。二。", True),
    ],
)
def test_sentences_are_compared_where_there_is_more_than_one(text: str, several: bool) -> None:
    conversation = Conversation()
    node = conversation.add(Message("assistant", text), conversation.add(Message("user", "?"), None))
    footer = items.footer(Chat(None, conversation), conversation[node], chains=("picture", "vectors"))
    assert "picture" in footer.menu and ("vectors" in footer.menu) is several


def test_the_way_to_other_answers_is_a_circle() -> None:
    item = drawn(ANSWER, Message("assistant", "first"), Message("assistant", "second"))
    assert item.footer and item.footer.branch
    assert item.footer.branch.label == "3 / 3"
    assert len({item.id, item.footer.branch.previous, item.footer.branch.next}) == 3
    alone = drawn(ANSWER).footer
    assert alone and alone.branch is None


def test_the_copy_of_an_answer_leaves_out_its_reasoning() -> None:
    item = drawn(Message("assistant", "<think>Hm.</think>42"))
    assert (item.reasoning, item.text) == ("Hm.", "42")
    assert item.footer and item.footer.copied == "42"


def test_sources_are_named_by_their_title_or_by_their_address() -> None:
    cited = (Citation("https://a.test", "A"), Citation("https://b.test", ""))
    item = drawn(replace(ANSWER, citations=cited))
    assert [(source.title, source.url) for source in item.sources] == [
        ("A", "https://a.test"),
        ("https://b.test", "https://b.test"),
    ]


def test_words_of_others_in_a_notice_are_escaped() -> None:
    item = drawn(Message("assistant", refusal="![x](https://evil.test/x.png) **no**"))
    assert [notice.kind for notice in item.notices] == ["info"]
    assert "![x](" not in item.notices[0].text


def test_a_message_of_another_role_says_whose_it_is() -> None:
    assert drawn(Message("developer", "Be brief.", name="Ann")).by == "developer Ann"
    assert drawn(Message("user", "Hi", name="Ann")).by == "user Ann"
    assert drawn(Message("user", "Hi")).by == ""


def test_the_result_of_a_tool_is_folded() -> None:
    item = drawn(Message("tool", "42", name="calculator", tool_call_id="c1"))
    assert (item.fold, item.text, item.by) == ("Result of calculator", "42", "")


def test_an_imported_message_without_a_time_shows_none() -> None:
    conversation = Conversation.of([Node(1, None, Message("user", "Hi"))])
    footer = items.item(Chat(None, conversation), conversation[1]).footer
    assert footer and footer.when is None


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (
            replace(ANSWER, usage=Usage(12, 34), cost=0.001),
            "Alpha · 2.0 s · $0.001",
        ),
        (replace(ANSWER, estimate=0.0005), "Alpha · 2.0 s · ~$0.0005"),
        (replace(ANSWER, finish_reason="length"), "Alpha · 2.0 s · stopped at the length limit"),
        (replace(ANSWER, state="failed", cost=0.1), ""),
        (Message("assistant", "Hi", state="interrupted"), "interrupted"),
        (Message("assistant", "From a link."), ""),
    ],
)
def test_the_quiet_line_tells_what_is_known_in_a_few_words(message: Message, line: str) -> None:
    names = {"fake/alpha": "Alpha"}
    assert answer_figures.line(message, names.get(message.model or "", "")) == line


def test_the_rest_of_the_figures_is_told_to_whoever_points_at_the_line() -> None:
    usage = Usage(1_200, 34, reasoning_tokens=20, cached_tokens=1_000)
    message = replace(ANSWER, usage=usage, finish_reason="stop", request_id="req_1", by_hand=True)
    assert answer_figures.details(message).split("\n") == [
        "fake/alpha",
        "1,200 tokens in · 1,000 of them cached",
        "34 tokens out · 20 of them reasoning",
        "first token 0.50 s · 9 tokens/s",
        "finish_reason: stop",
        "Request: req_1",
        "request edited by hand",
    ]
    assert " ".join(answer_figures.terms(message)) == (
        "token tokens_in tokens_cached tokens_out tokens_reasoning first_token speed "
        "finish_reason request_id by_hand"
    )
    assert answer_figures.terms(replace(message, cost=0.1))[0] == "cost"
    assert answer_figures.details(message, simple=True).split("\n")[1:5] == [
        "1,200 pieces of words sent (tokens in) · 1,000 of them kept ready there (cached)",
        "34 pieces of words written (tokens out) · 20 of them to think with (reasoning)",
        "first word after 0.50 s (first token) · 9 pieces a second (tokens/s)",
        "why it ended: stop (finish_reason)",
    ]
    apart = Usage(3, 7, raw={"input_tokens": 3, "output_tokens": 7, "cache_read_input_tokens": 1_000})
    assert "1,003 tokens in · 1,000 of them cached" in answer_figures.details(replace(message, usage=apart))
    assert answer_figures.details(Message("assistant", "Hi there")) == "~2 tokens out"
    assert answer_figures.details(replace(message, state="failed")) == ""


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (replace(ANSWER, content="One two three"), "Answer: complete, 3 words."),
        (replace(ANSWER, content="Yes"), "Answer: complete, 1 word."),
        (replace(ANSWER, content="你好" * 40), "Answer: complete, 80 characters."),
        (replace(ANSWER, content="One two", state="stopped"), "Answer: stopped by you, 2 words."),
        # What failed is an alert by itself, and is not said twice.
        (Message("assistant", state="failed", failure=Failure("The key was refused.", "Check it.")), ""),
        (
            Message("assistant", "So far", state="failed", failure=Failure("The connection broke.", "Try again.")),
            "Answer: cut off, 2 words.",
        ),
    ],
)
def test_a_screen_reader_is_told_how_an_answer_ended_and_how_long_it_is(message: Message, told: str) -> None:
    assert drawn(message).ending == told


@pytest.mark.parametrize(
    ("message", "ending"),
    [
        (replace(ANSWER, unreadable=1), "1 piece could not be read"),
        (replace(ANSWER, unreadable=2, state="stopped"), "stopped by you, 2 pieces could not be read"),
        (replace(ANSWER, unreadable=1, content=""), "1 piece could not be read"),
    ],
)
def test_an_answer_with_holes_is_not_called_complete(message: Message, ending: str) -> None:
    item = drawn(message)
    assert item.footer.quiet.endswith(ending)
    assert item.ending and item.ending.startswith(f"Answer: {ending}")
    (notice,) = item.notices
    assert notice.text.startswith(f"**{ending.rpartition(', ')[2]} of this answer:**")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('<tool_call>\n{"name": "clock", "arguments": {}}\n</tool_call>', "`clock`"),
        (
            "<tool_call>\n<function=clock>\n<parameter=zone>\nUTC\n</parameter>\n</function>\n</tool_call>",
            "`clock`",
        ),
        ('[TOOL_CALLS]clock{"zone": "UTC"}', "`clock`"),
        ("Let me look.\n\n<tool_call>\n<function=clock>\n</function>\n</tool_call>", "`clock`"),
        ('<|tool_call>call:clock{zone:<|"|>UTC<|"|>}<tool_call|>', "`clock`"),
        ('<tools>\n{"name": "clock", "arguments": {}}\n</tools>', "`clock`"),
        ("It writes\n```\n<tool_call>\n```\nin front.", ""),
        ('[TOOL_CALLS] [{"name": "clock", "arguments": {}}]', "`clock`"),
        ('<|python_tag|>{"name": "clock", "parameters": {}}', "`clock`"),
        ('<｜DSML｜function_calls>\n<｜DSML｜invoke name="clock">', "`clock`"),
        ("<|tool_calls_section_begin|><|tool_call_begin|>functions.clock:0<|tool_call_argument_begin|>", "`clock`"),
        ("<｜tool▁calls▁begin｜>...", "a tool"),
        ('```json\n{"name": "calculator", "arguments": {"expression": "1"}}\n```', "`calculator`"),
        ('{"type": "function", "function": {"name": "calculator", "arguments": "{}"}}', "`calculator`"),
        ('[{"name": "calculator", "parameters": {}}]', "`calculator`"),
        ('{"name": "Ada", "arguments": {}}', ""),
        ('{"name": "calculator"}', ""),
        ("Write `<tool_call>` around it.", ""),
        ('An example:\n```json\n{"name": "calculator", "arguments": {}}\n```', ""),
        ("[1, 2]", ""),
    ],
)
def test_a_call_that_is_only_written_is_not_taken_for_one_that_was_run(text: str, name: str) -> None:
    agent = Agent()
    agent.loop.rules = LoopRules({"calculator": Offer(Tool("calculator", "Counts", {}))})
    question = agent.conversation.add(Message("user", "Hi"), None)
    node = agent.conversation.add(replace(ANSWER, content=text), question)
    said = [notice.text for notice in items.item(agent, agent.conversation[node]).notices]
    assert [f"a call of {name} as text, so nothing was run" in words_ for words_ in said] == (
        [True] if name else []
    )
    assert not drawn(replace(ANSWER, content="", tool_calls=(ToolCall("a", "b", "{}"),))).notices


def test_a_call_that_is_written_into_the_thoughts_is_told_in_place_of_saying_that_nothing_was_said() -> None:
    thought = 'Let me look.\n\n<tool_call>\n{"name": "clock", "arguments": {}}\n</tool_call>'
    (notice,) = drawn(replace(ANSWER, content="", reasoning=thought)).notices
    assert "a call of `clock` as text, so nothing was run" in notice.text
    (notice,) = drawn(replace(ANSWER, content="", reasoning="Let me look.")).notices
    assert "without saying anything" in notice.text


@pytest.mark.parametrize(
    ("finish", "words_"),
    [
        ("stop", "finished without saying anything"),
        ("content_filter", "content filter stopped"),
        ("content_filter: PROHIBITED_CONTENT", "PROHIBITED"),
        ("SAFETY", "content filter stopped"),
        ("MALFORMED_FUNCTION_CALL", "could not be read"),
        ("MAX_TOKENS", "token limit was used up"),
    ],
)
def test_an_empty_answer_names_the_filter_or_limit_behind_it(finish: str, words_: str) -> None:
    (notice,) = drawn(replace(ANSWER, content="", finish_reason=finish)).notices
    assert words_ in notice.text.replace("&#95;", "_") and notice.kind == "warning"


def test_an_answer_that_only_asks_for_what_is_not_done_here_is_not_said_to_be_nothing() -> None:
    blocks: tuple[dict[str, JSON], ...] = (
        {"type": "mcp_approval_request", "name": "<b>ask"},
        {"type": "reasoning"},
    )
    (notice,) = drawn(replace(ANSWER, content="", reasoning_details=blocks)).notices
    assert notice.text.startswith("**No words came, only ")
    assert "ask" in notice.text and "<b>" not in notice.text


def test_each_figure_has_words_of_both_kinds_and_an_entry_in_the_glossary() -> None:
    assert words.FIGURES.keys() == words.SIMPLE_FIGURES.keys()
    assert all(glossary.term_of(id_).section == "answer" for id_ in (*words.FIGURES, "cost"))


def test_provider_tools_are_counted_and_a_paused_answer_can_continue() -> None:
    search: JSON = {"type": "server_tool_use", "name": "web_search"}
    blocks = (
        search,
        {"type": "web_search_tool_result"},
        search,
        {"type": "file_search_call"},
        {"type": "thinking"},
    )
    message = Message("assistant", reasoning_details=blocks, finish_reason="pause_turn")
    assert "done by the provider: web_search 2 times, file_search" in answer_figures.details(message)
    assert items.resumable(message)
    assert not items.resumable(Message("assistant", "Hi", finish_reason="model_context_window_exceeded"))


@pytest.mark.parametrize(
    ("reason", "offered"),
    [("length", True), ("MAX_TOKENS", True), ("max_output_tokens", True), ("stop", False), ("STOP", False)],
)
def test_an_answer_at_its_limit_can_continue_whatever_its_provider_calls_it(reason: str, offered: bool) -> None:
    assert items.resumable(Message("assistant", "Once", finish_reason=reason)) is offered
