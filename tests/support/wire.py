"""A tab without a browser: Streamlit's websocket protocol, spoken directly."""

from __future__ import annotations

import re

import requests
from browser import App
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import ChatInputValue
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

_AGAIN = ForwardMsg.ScriptFinishedStatus.FINISHED_EARLY_FOR_RERUN


class Wire:
    """A tab by hand: messages to the app, and everything that came back."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.seen = b""
        self.session_id = ""  # the app tells it first thing; it is what an upload is sent under
        address = f"{app.url.replace('http', 'ws')}/_stcore/stream"
        self._socket: ClientConnection = connect(address, subprotocols=["streamlit"], max_size=None).__enter__()  # type: ignore[list-item]
        self.run()

    def run(self, page: str = "", **widgets: dict[str, object]) -> bytes:
        """Run a page with these widgets changed; what the app sent until the run was over."""
        self.send(page, **widgets)
        return self._listen()

    def send(self, page: str = "", **widgets: dict[str, object]) -> None:
        message = BackMsg()
        message.rerun_script.page_name = page
        for id_, value in widgets.items():
            widget = message.rerun_script.widget_states.widgets.add()
            widget.id = id_
            for name, content in value.items():
                if isinstance(content, str | bool):
                    setattr(widget, name, content)
                else:
                    getattr(widget, name).CopyFrom(content)
        message.rerun_script.query_string = ""
        self._socket.send(message.SerializeToString())

    def _listen(self) -> bytes:
        """What comes until a run is over."""
        came, over = b"", False
        while not over:
            frame = self.hear()
            message = ForwardMsg.FromString(frame)
            self.session_id = self.session_id or message.new_session.initialize.session_id
            over = message.WhichOneof("type") == "script_finished" and message.script_finished != _AGAIN
            came += frame
        self.seen += came
        return came

    def hear(self) -> bytes:
        frame = self._socket.recv(timeout=60)
        assert isinstance(frame, bytes)
        return frame

    def widget(self, key: str) -> str:
        return str(re.findall(rb"\$\$ID-[0-9a-f]+-" + key.encode() + rb"(?![\w.])", self.seen)[-1].decode())

    def enter(self, password: str) -> bytes:
        button = re.findall(rb"\$\$ID-[0-9a-f]+-[^\x00-\x1f]*?Come in[^\x00-\x1f]*?(?=[\x00-\x1f])", self.seen)
        ids = button or re.findall(rb"\$\$ID-[0-9a-f]+-None", self.seen)
        return self.run(
            **{self.widget("gate.password"): {"string_value": password}, ids[-1].decode(): {"trigger_value": True}}
        )

    def upload(self, name: str = "a.txt") -> int:
        cookies = requests.Session()
        cookies.get(f"{self.app.url}/_stcore/health", timeout=10)
        token = cookies.cookies.get("_streamlit_xsrf") or ""
        url = f"{self.app.url}/_stcore/upload_file/{self.session_id}/{name}"
        file = {"file": (name, b"secret words of a file")}
        return cookies.put(url, files=file, headers={"X-Xsrftoken": token}, timeout=10).status_code


def was_drawn(came: bytes, key: str) -> bool:
    """A widget of this key is among what came."""
    return re.search(rb"\$\$ID-[0-9a-f]+-" + key.encode(), came) is not None


def sent_text(text: str) -> dict[str, object]:
    """The composer, sent."""
    return {"chat_input_value": ChatInputValue(data=text)}
