"""Sounds, recorded or uploaded, recognised by their first bytes and sent unchanged; and spoken answers to play."""

from __future__ import annotations

import io
import struct
import wave

from backend.attachments.attachment import Attachment, UnusableFile, data_of, data_url
from backend.types import Media

RATE = 24_000  # samples a second of a spoken answer that streams (OpenAI: pcm16 at 24 kHz, one channel)


def kind(data: bytes) -> str | None:
    """wav, mp3, flac, ogg, m4a or webm, by content; None for anything else."""
    if data[:4] + data[8:12] == b"RIFFWAVE":
        return "wav"
    if data.startswith(b"ID3") or (len(data) > 2 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2):
        return "mp3"
    signs = {b"fLaC": "flac", b"OggS": "ogg", b"\x1aE\xdf\xa3": "webm"}
    return signs.get(data[:4]) or ("m4a" if data[4:11] in (b"ftypM4A", b"ftypmp4", b"ftypiso") else None)


def is_one(data: bytes) -> bool:
    return kind(data) is not None


def read(name: str, data: bytes) -> Attachment:
    """A sound as input for a model. Raises UnusableFile."""
    subtype = kind(data) or "wav"
    about = [subtype.upper(), f"{len(data) / 1024:,.0f} kB"]
    if subtype == "wav":
        seconds = _length(name, data)
        about.append(f"{seconds:.1f} s")
    elif subtype != "mp3":
        about.append("most models hear WAV and MP3 only")
    return Attachment(Media("audio", data_url(f"audio/{subtype}", data), name=name), ", ".join(about))


def _length(name: str, data: bytes) -> float:
    """Seconds in a WAV file."""
    try:
        with wave.open(io.BytesIO(data)) as sound:
            seconds: float = sound.getnframes() / (sound.getframerate() or 1)
    except (wave.Error, EOFError, struct.error, ValueError) as error:
        # 24-bit and float files are WAV too, but `wave` does not support them.
        if "unknown format" in str(error):
            return 0.0
        raise UnusableFile(f"{name} begins like a WAV file but is damaged.") from error
    if not seconds:
        raise UnusableFile(f"{name} holds no sound. Was the microphone on?")
    return seconds


def playable(url: str) -> tuple[bytes, str] | None:
    """The bytes of a spoken answer and their media type, ready for a player; None if it is no sound.

    Streamed samples come without a header: they get one.
    """
    data = data_of(url)
    if not data:
        return None
    if url.startswith("data:audio/pcm") and kind(data) not in ("wav", "flac", "ogg"):
        return with_header(data), "audio/wav"
    subtype = kind(data)
    return (data, f"audio/{subtype}") if subtype else None


def with_header(samples: bytes, rate: int = RATE) -> bytes:
    """A WAV file of 16-bit samples, one channel."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples[: len(samples) // 2 * 2])
    return out.getvalue()
