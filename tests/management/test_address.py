"""The listening socket: answers leave at once."""

import socket

from core.management.address import listen


def test_connections_do_not_hold_back_small_packets() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
