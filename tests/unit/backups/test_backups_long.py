"""A backup of 10,000 conversations with attachments, and 100 MB of ChatGPT: byte-equal, in little memory.

Each runs in a process of its own, so that its peak of memory (VmHWM) is its own.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from basics import ROOT

BACKUP = """
import hashlib, io, random, sys
from backend.backups.parts import packed, parts
from backend.backups.import_job import ImportJob
from backend.conversation.tree import Conversation, Node
from backend.formats import archive
from backend.formats.archive import Record
from backend.store import Store
from backend.types import Media, Message

count, folder = int(sys.argv[1]), sys.argv[2]
store, other = (Store.open(f"sqlite:///{folder}/{name}.db") for name in ("one", "other"))
dice = random.Random(1)
for place in range(count):
    data = dice.randbytes(9_000).hex() if place % 10 == 0 else ""
    media = (Media("file", f"data:application/pdf;base64,{data}", "words", "a.pdf"),) if data else ()
    said = [Message("user", f"Question {place}", media=media), Message("assistant", "Answer " * 50)]
    conversation = Conversation.of(Node(at, at - 1 or None, message) for at, message in enumerate(said, 1))
    store.take("me", Record(conversation, f"Title {place}", {"model": "m"}, (), 1000.0 + place, 2000.0 + place))

def digest(store):
    hashes = hashlib.sha256()
    for part in parts(store, "me"):
        hashes.update(packed(store, "me", part))
    return hashes.hexdigest()

for part in reversed(parts(store, "me")):
    data = packed(store, "me", part)
    assert len(data) < 20 * 2**20
    taking = ImportJob(other, "me", [(part.name, io.BytesIO(data), len(data))])
    taking.run()
    assert not taking.refused and not taking.trouble
assert len(parts(store, "me")) == len(parts(other, "me"))
assert digest(store) == digest(other)
"""
CHATGPT = """
import json, sys
from backend.backups.import_job import ImportJob
from backend.formats import imports

count, folder = int(sys.argv[1]), sys.argv[2]
path = f"{folder}/conversations.json"
with open(path, "w") as file:
    for place in range(count):
        ids = [f"{place}-{at}" for at in range(20)]
        mapping = {
            id_: {"id": id_, "parent": ids[at - 1] if at else None, "children": ids[at + 1 : at + 2], "message": {
                "author": {"role": "user" if at % 2 == 0 else "assistant"}, "recipient": "all", "metadata": {},
                "content": {"content_type": "text", "parts": [f"{at} " + "words of an answer, " * 60]}}}
            for at, id_ in enumerate(ids)
        }
        head = {"title": f"Talk {place}", "create_time": 1.7e9 + place, "current_node": ids[-1]}
        file.write(("[" if place == 0 else ",") + json.dumps({**head, "mapping": mapping}))
    file.write("]")
with open(path, "rb") as file:
    found = [type(each) for each in imports.conversations(file)]
assert found == [imports.ImportedConversation] * count
"""


def peak(program: str, count: int) -> float:
    """Megabytes that a program took at most; it fails when the program does."""
    measure = "\nprint(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", program + measure, str(count), folder]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout) / 1024


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read there")
@pytest.mark.parametrize(("program", "count"), [(BACKUP, 100), (CHATGPT, 100)], ids=["backup", "chatgpt"])
def test_a_small_backup_takes_little_memory(program: str, count: int) -> None:
    assert peak(program, count) < 200


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read there")
@pytest.mark.timeout(900)  # a quarter of an hour on a busy machine; two minutes on one with nothing else to do
@pytest.mark.parametrize(("program", "count"), [(BACKUP, 10_000), (CHATGPT, 4_000)], ids=["backup", "chatgpt"])
def test_ten_thousand_conversations_and_a_hundred_megabytes_take_little_memory(program: str, count: int) -> None:
    assert peak(program, count) < 400
