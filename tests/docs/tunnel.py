"""What lies between a client and the server: it can be cut, closed, or let calls pass and sockets not."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class Tunnel:
    def __init__(self, host: str) -> None:
        name, _, port = host.partition(":")
        self._behind = (name, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self.closed = self.sockets_pass_not = False
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def run(self) -> None:
        with suppress(OSError):  # it is closed at the end
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def cut(self) -> None:
        """Break every connection, without a word to either end."""
        for end in list(self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Inside, nothing gets through."""
        self.closed = True
        self.cut()
        yield
        self.closed = False

    def end(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _pass_on(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            first = client.recv(65_536)
            if not self._passes(first):
                return
            with socket.create_connection(self._behind) as server:
                both = {client, server}
                self._open |= both
                server.sendall(first)
                back = threading.Thread(target=copy, args=(server, client), daemon=True)
                back.start()
                copy(client, server, self._passes)
                back.join()
                self._open -= both

    def _passes(self, data: bytes) -> bool:
        """A socket may also be asked for on a connection that calls have used before."""
        return not (self.closed or (self.sockets_pass_not and b"GET /ws/" in data))


def copy(source: socket.socket, target: socket.socket, passes: Callable[[bytes], bool] = bool) -> None:
    """Until either end has gone, or something does not pass; then neither is needed."""
    with suppress(OSError):
        while passes(data := source.recv(65_536)) and data:
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def tunnel_to(host: str) -> Iterator[Tunnel]:
    tunnel = Tunnel(host)
    thread = threading.Thread(target=tunnel.run, name="tunnel")
    thread.start()
    try:
        yield tunnel
    finally:
        tunnel.end()
        thread.join(5)
