"""JSON <-> the text of a link: compressed, checked, bounded. share.py defines its meaning.

Anyone can write a link: `unpack` returns well-formed JSON of bounded size and depth, NOT trusted content.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib

from backend.untrusted import Unreadable, clean_json, parsed

VERSION = "1"  # the version as first character; it determines _WORDS
DAMAGED = "The link is damaged or cut off. Copy the whole of it, or ask for it again."
ODD = "The link holds something that is no chat of this playground. Nothing of it was used."
LARGEST = 1_000_000  # bytes of JSON that a link may expand to
DEEPEST = 40  # levels of JSON

# A preset dictionary for the compressor: frequent words of chats and settings, the likeliest last, where references
# are shortest: 57 characters for settings that take 183 without it (measured). Never change a character: every link
# made
# before would be unreadable. A better list is a new version.
_WORDS = (
    b"function class import return print(self, async await const let var => None True False null true false "
    b"def main(): for in range(len( if __name__ == if (i = 0; i < ``` ```python\n ```json\n ```javascript\n "
    b"```sql\n "
    b"SELECT FROM WHERE GROUP BY ORDER BY <div> </div> https://www. .com/ http:// [1] **1.** **2.** \n\n1. "
    b"\n\n2. "
    b"\n\n3. \n   - \n- **\n\n## \n\n### \n\n---\n\n"
    b"could would should about which their there these those other because through between before after "
    b"where when "
    b"while without within under over more most many some such only also into than then them they have "
    b"been were will "
    b"what your from this that with like just make need want know help first second third example "
    b"following different "
    b"important number people system question information something language translate summarize explain "
    b"describe "
    b"write a short story poem email code answer in one sentence. Answer in English. Be brief. Be concise. "
    b"step by step. Use simple words. Do not Do not make up You are an expert You are a senior engineer "
    b"You are a friendly You always answer Always Never Here is Here are Sure! Certainly! Of course! I'm "
    b"sorry, but "
    b"I think that it is It's you can do you don't However, For example, such as for example Let me know if you "
    b"Can you please Please How do I How can I What is the difference between What are the Why does Give "
    b"me Tell me "
    b"Write a Python function that Explain what Thank you! "
    b"meta-llama/Llama-3.3-70B-Instruct-Turbo deepseek/deepseek-chat deepseek-reasoner Qwen/Qwen3- qwen "
    b"mistralai/ "
    b"mistral-large x-ai/grok-4 moonshot/kimi-k2 gpt-4o-mini gpt-4o openai/gpt-4.1 openai/gpt-5 o3-mini "
    b"claude-sonnet-4 "
    b"anthropic/claude- google/gemini-2.5-pro google/gemini-2.5-flash-lite google/gemini-2.5-flash "
    b'","required":["","enum":["","minimum":"maximum":"additionalProperties":false,"items":{"type'
    b'":"array","type":"boolean"'
    b'"type":"integer","type":"number"},"type":"string","description":"{"type":"object","properti'
    b'es":{"parameters":{"'
    b'"tools":[{"name":"","description":"'
    b'"response_format":"reasoning_effort":"top_k":"n":"logprobs":"seed":"stop":["\\n"],"presence_penalty":0.'
    b'"frequency_penalty":0."max_tokens":1000,"max_tokens":"top_p":0.9,"temperature":0.7,"tempera'
    b'ture":0."temperature":1.'
    b'"stream":false,"title":"'
    b'{"role":"tool","content":"","tool_call_id":"call_","tool_calls":[{"id":"call_","name":"","arguments":"{\\"'
    b'{"role":"developer","content":"{"role":"system","content":"'
    b'{"model":"google/gemini-2.5-flash","parameters":{"temperature":0."system_prompt":"You are a helpful '
    b'assistant."'
    b'}],"messages":[{"role":"user","content":"'
    b" the  and  to  of  a  in  is  for  you  it  on  as  be  or  an  are  not  can . The , and , the  of "
    b"the  in the "
    b'."},{"role":"assistant","content":"'
    b'?"},{"role":"assistant","content":"'
    b'."},{"role":"user","content":"'
)


def pack(item: object) -> str:
    """JSON as letters, digits, `-` and `_`."""
    plain = compact(item).encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zdict=_WORDS)
    packed = zlib.crc32(plain).to_bytes(4) + packer.compress(plain) + packer.flush()
    return VERSION + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def compact(item: object) -> str:
    """JSON without white space."""
    return json.dumps(clean_json(item), ensure_ascii=False, separators=(",", ":"))


def unpack(text: str) -> object:
    """The JSON in a link. Raises Unreadable with a message for the visitor for anything that `pack` did not
    make.
    """
    if text[:1].isdigit() and text[:1] > VERSION:
        raise Unreadable("The link comes from a newer playground. Update this one to open it.")
    plain = _inflated(text)
    try:
        item = parsed(plain, nested=DEEPEST)
    except Unreadable:
        raise Unreadable(ODD) from None
    if not item:
        raise Unreadable(ODD)
    return item


def _inflated(text: str) -> bytes:
    """The decompressed bytes, up to the limit. The checksum detects a damaged link: deflate has none."""
    if text[:1] != VERSION or len(text) > LARGEST or not re.fullmatch("[A-Za-z0-9_-]+", text):
        raise Unreadable(DAMAGED)
    try:
        packed = base64.urlsafe_b64decode(text[1:] + "=" * (-(len(text) - 1) % 4))
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS, zdict=_WORDS)
        plain = unpacker.decompress(packed[4:], LARGEST + 1)
    except (binascii.Error, zlib.error):
        raise Unreadable(DAMAGED) from None
    if len(plain) > LARGEST:
        raise Unreadable(ODD)
    if not unpacker.eof or unpacker.unused_data or packed[:4] != zlib.crc32(plain).to_bytes(4):
        raise Unreadable(DAMAGED)
    return plain
