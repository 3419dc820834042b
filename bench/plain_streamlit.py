"""The shortest chat in Streamlit's documentation, for the same server: the baseline of the benchmark."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import requests
import streamlit as st


def answer(messages: list[dict[str, str]]) -> Iterator[str]:
    body = {"model": "fake/alpha", "messages": messages, "stream": True}
    with requests.post(f"{os.environ['UPSTREAM']}/chat/completions", json=body, stream=True, timeout=60) as reply:
        for line in reply.iter_lines(chunk_size=1):
            if line.startswith(b"data: {"):
                yield json.loads(line[6:])["choices"][0]["delta"].get("content") or ""


messages = st.session_state.setdefault("messages", [])
for message in messages:
    st.chat_message(message["role"]).markdown(message["content"])
if prompt := st.chat_input("Message"):
    messages.append({"role": "user", "content": prompt})
    st.chat_message("user").markdown(prompt)
    with st.chat_message("assistant"):
        messages.append({"role": "assistant", "content": st.write_stream(answer(messages))})
