"""What a browser tab gives back of the settings after a reload is a stranger's text."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest
from visiting import say, set_

from backend.parameters import STOP_LIMIT
from components.sidebar.draft import TYPED, draft_values


def test_only_what_a_field_can_hold_is_taken() -> None:
    given = {
        "system_prompt": "Be\x00 brief.",
        "parameter.stop": ["a", 5, "", *"bcdef"],
        "parameter.modalities": ["text", "smell"],
        "parameter.response_format": "XML",
        "parameter.logit_bias": {"a": 1},
        "parameter.temperature": 2,
        "connection": "local",
        "api_key": "sk-1",
    }
    assert draft_values(json.dumps(given)) == {
        "system_prompt": "Be brief.",
        "parameter.stop": ["a", "b"],
        "parameter.modalities": ["text"],
    }
    assert STOP_LIMIT == 4, "of the first four, one is a number and one is empty"
    for nonsense in ("", "[]", "{", "[" * 9_000, '"x"', json.dumps(dict.fromkeys(TYPED, 5)), "x" * 500_000):
        assert draft_values(nonsense) == {}


def drafts(at: AppTest) -> list[dict[str, object]]:
    shown = [found.proto for found in at.get("bidi_component") if found.proto.component_name == "settings_draft"]
    return [json.loads(json.loads(proto.json)["values"]) for proto in shown]


def test_the_tab_keeps_what_is_typed_until_a_message_does(at: AppTest) -> None:
    set_(at, "parameter.temperature", 0.5)  # the address has it
    at = set_(at, "system_prompt", "Be brief.")
    assert drafts(at) == [{"system_prompt": "Be brief."}]
    say(at, "Hi")
    assert drafts(at.run()) == []
