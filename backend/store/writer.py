"""Who writes a running answer, and whether it still lives: a restart after kill -9 need not wait for a time-out."""

from __future__ import annotations

import os
import socket

SILENT = 30.0  # seconds without a checkpoint after which an answer counts as interrupted
ME = f"{socket.gethostname()}/{os.getpid()}/{os.urandom(8).hex()}"


def alive(writer: str, updated: float, now: float) -> bool:
    """An answer is being written while its writer lives and says so at least every SILENT seconds.

    A writer on another machine (or in the container before) is judged by the clock alone, so machines that share a
    database need the same time. What it said in the future it said before the clock was set back.
    """
    return abs(now - updated) < SILENT and not _dead(writer)


def _dead(writer: str) -> bool:
    """Certainly gone: a process of this machine that is no more, or whose number is ours now."""
    host, _, rest = writer.rpartition("/")[0].rpartition("/")
    here, _, my_number = ME.rpartition("/")[0].rpartition("/")
    if host != here or writer == ME or os.name != "posix":  # on Windows, asking would end the process
        return False
    if rest == my_number:
        return True
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError):
        return False
    return False
