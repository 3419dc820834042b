"""What servers of tools answer beside the protocol is read as far as it can be."""

from __future__ import annotations

from typing import Any

import mcp_types as types
import pytest
from mcp.shared.message import SessionMessage

from backend.mcp.tolerance import LEFT_OUT, tolerable

TOOL = {"name": "add", "inputSchema": {"type": "object"}}
HELLO = [{"type": "text", "text": "Hello"}]


def read(result: dict[str, Any]) -> dict[str, Any]:
    came = tolerable(SessionMessage(types.JSONRPCResponse(jsonrpc="2.0", id=1, result=result)))
    assert isinstance(came, SessionMessage) and isinstance(came.message, types.JSONRPCResponse)
    return came.message.result


@pytest.mark.parametrize(
    ("result", "content"),
    [
        ({"structuredContent": {"a": 1}}, []),
        ({"structuredContent": {"a": 1}, "content": None}, []),
        ({"content": "Hello"}, HELLO),
        ({"content": HELLO[0]}, HELLO),
        ({"content": ["Hello"]}, HELLO),
        ({"content": HELLO, "isError": None}, HELLO),
    ],
)
def test_a_result_has_its_content_however_it_is_told(result: dict[str, Any], content: list[Any]) -> None:
    heard = types.CallToolResult.model_validate(read(result), by_name=False)
    assert [block.model_dump(exclude_none=True) for block in heard.content] == content
    assert heard.structured_content == result.get("structuredContent")


@pytest.mark.parametrize("more", [{"annotations": []}, {"outputSchema": []}, {"title": 5}, {"icons": "x"}])
def test_a_tool_is_offered_without_what_is_wrong_beside_it(more: dict[str, Any]) -> None:
    heard = read({"tools": [{**TOOL, **more}]})
    assert heard["tools"] == [TOOL] and heard["_meta"] == {LEFT_OUT: 0}


def test_an_answer_that_follows_the_protocol_stays_as_it_is() -> None:
    for result in ({"tools": [TOOL], "nextCursor": "n"}, {"content": HELLO}, {"prompts": []}):
        assert read(result) == result
