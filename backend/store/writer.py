"""Identifies the process that writes a running answer, and whether it is alive: after kill -9 no time-out is
needed.
"""

from __future__ import annotations

import os
import socket

SILENT = 30.0  # seconds without a checkpoint after which an answer counts as interrupted
ME = f"{socket.gethostname()}/{os.getpid()}/{os.urandom(8).hex()}"


def alive(writer: str, updated: float, now: float) -> bool:
    """Whether an answer is still being written: its writer is alive and has checkpointed within SILENT seconds.

    A writer on another machine (or in the previous container) is judged by the clock alone, so machines that share
    a
    database need synchronised clocks. A checkpoint in the future is from before the clock was set back.
    """
    return abs(now - updated) < SILENT and not _dead(writer)


def _dead(writer: str) -> bool:
    """Whether it is certainly gone: a process of this machine that no longer exists, or whose id is ours now."""
    host, _, rest = writer.rpartition("/")[0].rpartition("/")
    here, _, my_number = ME.rpartition("/")[0].rpartition("/")
    if host != here or writer == ME or os.name != "posix":  # on Windows, os.kill would end the process
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
