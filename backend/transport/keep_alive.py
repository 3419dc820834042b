"""Options of the sockets that lead to servers: a quiet connection is kept open, and a dead one is noticed.

A model may think for minutes before its first byte. Meanwhile a router or a load balancer on the way forgets a
connection on which nothing moves, often without telling either end: NAT gateways of clouds after four to six
minutes. So TCP asks every few seconds whether the other end is there. A connection that waits for the next question
is asked as well: a question is not sent into one that leads nowhere.
"""

from __future__ import annotations

import socket

IDLE = 20  # seconds without a byte until the other end is asked
PAUSE = 10  # seconds between two times of asking
TIMES = 4  # asked in vain, and the connection is dead

SocketOption = tuple[int, int, int]


def socket_options() -> list[SocketOption]:
    """(level, option, value) for each that this system knows; small packets leave at once, as in urllib3."""
    named = (
        ("SO_KEEPALIVE", socket.SOL_SOCKET, 1),
        ("TCP_NODELAY", socket.IPPROTO_TCP, 1),
        ("TCP_KEEPIDLE", socket.IPPROTO_TCP, IDLE),
        ("TCP_KEEPALIVE", socket.IPPROTO_TCP, IDLE),  # what macOS calls the one above
        ("TCP_KEEPINTVL", socket.IPPROTO_TCP, PAUSE),
        ("TCP_KEEPCNT", socket.IPPROTO_TCP, TIMES),
    )
    return [(level, getattr(socket, name), value) for name, level, value in named if hasattr(socket, name)]
