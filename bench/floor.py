"""A bare page that only asks and shows: the lower bound for any app. `python -m bench.floor PORT UPSTREAM`"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import requests

PAGE = """<!doctype html><title>Floor</title><body><div id=messages></div><textarea aria-label=Message></textarea>
<script>
const box = document.querySelector("textarea"), list = document.getElementById("messages");
const say = (role) => list.appendChild(Object.assign(document.createElement("article"), { className: role }));
box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  say("user").textContent = box.value;
  const answer = say("assistant"), source = new EventSource("/ask?q=" + encodeURIComponent(box.value));
  box.value = "";
  source.onmessage = (event) => answer.append(JSON.parse(event.data));
  source.onerror = () => source.close();
});
</script>"""


class Handler(BaseHTTPRequestHandler):
    """Serves the page, and forwards the replies of the upstream."""

    def do_GET(self) -> None:
        self.send_response(200)
        asked = parse_qs(urlsplit(self.path).query).get("q")
        self.send_header("Content-Type", "text/event-stream" if asked else "text/html")
        self.end_headers()
        if not asked:
            self.wfile.write(PAGE.encode())
            return
        body = {"model": "x", "messages": [{"role": "user", "content": asked[0]}], "stream": True}
        with requests.post(f"{sys.argv[2]}/chat/completions", json=body, stream=True, timeout=60) as reply:
            for line in reply.iter_lines(chunk_size=1):
                if line.startswith(b"data: {"):
                    text = json.loads(line[6:])["choices"][0]["delta"].get("content") or ""
                    self.wfile.write(f"data: {json.dumps(text)}\n\n".encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
