"""The pages as a visitor uses them: what is set in the sidebar is what the server is asked, and nothing else.

Streamlit's AppTest runs the scripts without a browser. It cannot see Stop, layout, a deep link into a running
server or what a browser is sent: tests/browser can.
"""

from __future__ import annotations

import pytest
from basics import KEY, ROOT
from fake_api import USAGE, FakeAPI, completion, stream
from streamlit import dataframe_util
from streamlit.testing.v1 import AppTest
from visiting import TOOLS, Open, conversation, everything, open_folds, picker, say, set_, well

from backend.parameters import PARAMETERS

PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "pages").glob("*.py"))
UNASKED = {"stream_options"}  # of the parameters: where it is taken, the app asks for it by itself


# ---- every page -----------------------------------------------------------------------------------------


each_page = pytest.mark.parametrize("page", ["app.py", *PAGES])


@each_page
@pytest.mark.usefixtures("folds_open")
def test_every_page_can_be_the_first_without_a_key(visit: Open, page: str) -> None:
    at = visit(page)
    assert at.title
    assert {"Chat", "Tools"} <= {found.proto.label for found in at.sidebar.get("page_link")}


@each_page
@pytest.mark.usefixtures("folds_open")
def test_every_page_can_be_the_first_with_a_key_and_hides_it(visit: Open, api: FakeAPI, page: str) -> None:
    shown = everything(visit(page, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url))
    assert "Test connection" in shown
    assert KEY not in shown


@each_page
@pytest.mark.usefixtures("folds_open")
@pytest.mark.parametrize("shared", ["", "1"], ids=["its owner", "a guest"])
def test_every_page_works_while_nothing_answers_at_the_server(visit: Open, page: str, shared: str) -> None:
    settings = {"AIMLAPI_API_KEY": KEY, "AIMLAPI_BASE_URL": "http://127.0.0.1:9/v1", "PLAYGROUND_SHARED": shared}
    assert visit(page, **settings).main


@pytest.mark.parametrize("page", ["app.py", TOOLS, "pages/2_Compare.py", "pages/4_History.py"])
def test_a_page_without_tables_loads_no_pandas(
    visit: Open, api: FakeAPI, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    """Half a second of a cold process, and 69 MB: Streamlit would look with it at a list in a component's data."""
    looked_at: list[object] = []
    monkeypatch.setattr(dataframe_util, "determine_data_format", looked_at.append)
    at = visit(page, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    if page != "pages/4_History.py":
        say(at, "Hi")
    assert looked_at == []


def test_going_to_and_fro_keeps_the_conversation_and_the_settings(at: AppTest, api: FakeAPI) -> None:
    say(set_(at, "parameter.temperature", 0.5), "Hi")
    well(at.switch_page(TOOLS).run())
    assert conversation(at) == []
    well(at.switch_page("app.py").run())
    assert conversation(at) == [("user", "Hi"), ("assistant", "You said: Hi")]
    say(at, "Again")
    assert [request.body["temperature"] for request in api.asked] == [0.5, 0.5]


def test_two_visitors_do_not_see_each_other(at: AppTest, visit: Open) -> None:
    say(at, "Hi")
    assert conversation(visit()) == []


# ---- before the first word ------------------------------------------------------------------------------


@pytest.mark.usefixtures("folds_open")
def test_without_a_key_the_front_page_greets_and_offers_the_model_on_this_computer(visit: Open) -> None:
    at = visit()
    assert [found.value for found in at.header] == ["What would you like to ask?"]
    assert at.sidebar.selectbox(key="connection").value == "local"
    assert picker(at).value
    assert any("no key" in found.value for found in at.main.markdown)


@pytest.mark.usefixtures("folds_open")
def test_a_key_for_the_default_server_needs_nothing_else(visit: Open) -> None:
    at = visit(AIMLAPI_API_KEY=KEY)
    assert at.sidebar.selectbox(key="connection").value == "configured"
    assert picker(at).value == "google/gemini-2.5-flash"
    assert len(picker(at).options) > 100


@pytest.mark.usefixtures("folds_open")
def test_strangers_cannot_type_an_address(visit: Open, api: FakeAPI) -> None:
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, PLAYGROUND_SHARED="1")
    assert "Another server" not in at.sidebar.selectbox(key="connection").options


def test_an_example_is_asked_with_one_click(at: AppTest, api: FakeAPI) -> None:
    example = next(found for found in at.button if str(found.key).startswith("example."))
    well(example.click().run())
    assert api.asked[-1].prompt == example.label
    assert conversation(at)[0] == ("user", example.label)


# ---- asking ---------------------------------------------------------------------------------------------


def test_a_question_is_answered(at: AppTest, api: FakeAPI) -> None:
    api.play(stream("Hello", " there", usage=USAGE))
    assert at.header
    assert not say(at, "Hi").header, "the greeting is gone"
    assert conversation(at) == [("user", "Hi"), ("assistant", "Hello there")]
    assert api.asked[-1].headers["authorization"] == f"Bearer {KEY}"


def test_nothing_that_was_not_set_is_in_the_request(at: AppTest, api: FakeAPI) -> None:
    say(at, "Hi")
    assert api.asked[-1].body == {
        "model": "google/gemini-2.5-flash",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_blank_words_are_not_sent(at: AppTest, api: FakeAPI) -> None:
    say(at, " \n ")
    assert api.asked == []


def test_every_parameter_has_a_widget_that_begins_unset(at: AppTest) -> None:
    open_folds(at)
    kinds = (
        "select_slider",
        "number_input",
        "multiselect",
        "selectbox",
        "text_input",
        "text_area",
        "segmented_control",
    )
    widgets = [
        widget for kind in kinds for widget in at.sidebar.get(kind) if str(widget.key).startswith("parameter.")
    ]
    unset = {widget.key: widget.value for widget in widgets}
    assert set(unset) == {f"parameter.{parameter.name}" for parameter in PARAMETERS}
    assert all(value in (None, "auto", [], "") for value in unset.values())


@pytest.mark.parametrize(("name", "value", "unset"), [("temperature", 0.5, "auto"), ("seed", 5, None)])
def test_a_parameter_can_be_unset_again(at: AppTest, api: FakeAPI, name: str, value: object, unset: object) -> None:
    set_(at, f"parameter.{name}", value)
    say(set_(at, f"parameter.{name}", unset), "Hi")
    assert name not in api.asked[-1].body


@pytest.mark.slow
def test_reset_unsets_everything(at: AppTest, api: FakeAPI) -> None:
    for name, value in (("temperature", 0.5), ("top_p", 0.5), ("max_tokens", 5), ("seed", 7), ("stop", ["x"])):
        set_(at, f"parameter.{name}", value)
    set_(at, "system_prompt", "Be brief.")
    well(at.button(key="reset").click().run())
    say(at, "Hi")
    assert api.asked[-1].body["messages"][0] == {"role": "system", "content": "Be brief."}, "words are left alone"
    assert {parameter.name for parameter in PARAMETERS} & set(api.asked[-1].body) == UNASKED
    assert at.sidebar.select_slider(key="parameter.temperature").value == "auto"


def test_streaming_can_be_turned_off(at: AppTest, api: FakeAPI) -> None:
    api.play(completion("All at once."))
    say(set_(at, "streaming", False), "Hi")
    assert not {"stream", "stream_options"} & set(api.asked[-1].body)
    assert conversation(at)[-1] == ("assistant", "All at once.")


# ---- keys and addresses ---------------------------------------------------------------------------------


def test_a_typed_key_is_used_and_can_be_forgotten(visit: Open, api: FakeAPI) -> None:
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    set_(at, "key_typed", " sk-typed-0123456789\n")
    assert "sk-typed" not in everything(at), "it is not kept in its field"
    say(at, "Hi")
    assert "ending in 6789" in everything(at)
    well(at.button(key="forget_key").click().run())
    assert "Key found in the configuration" in everything(at)
    say(at, "Hi")
    keys = [request.headers["authorization"] for request in api.asked]
    assert keys == ["Bearer sk-typed-0123456789", f"Bearer {KEY}"]


def test_an_address_that_is_none_is_said_and_breaks_nothing(at: AppTest) -> None:
    """Which are none: tests/unit/session/test_connections.py."""
    set_(at, "connection", "other")
    set_(at, "base_url_typed", "https://x.example/v1?api_key=sk-1")
    assert at.sidebar.selectbox(key="connection").value == "other"
    assert any("Leave name, password and key out" in found.value for found in at.sidebar.error)


@pytest.mark.usefixtures("folds_open")
def test_a_connection_can_be_tested(at: AppTest) -> None:
    well(at.button(key="test").click().run())
    assert [found.value for found in at.sidebar.success] == ["Connected\\: 3 models\\."]
