"""An SMTP server that answers anything a test likes, for what no decent server says."""

import socketserver
import threading
from typing import Self

GREETING = "greeting"


class ScriptedSmtp:
    """`answers` by command; "." is the answer to the mail. An empty one is never sent."""

    def __init__(self) -> None:
        self.answers = {GREETING: "220 here", "DATA": "354 go on", ".": "250 taken"}
        self.mails = self.connections = 0
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._conversation())
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _conversation(self) -> type[socketserver.StreamRequestHandler]:
        script = self

        class Conversation(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                script.connections += 1
                self.say(GREETING)
                while line := self.rfile.readline():
                    command = line.decode().strip().partition(" ")[0].upper()
                    self.say(command)
                    if command == "DATA":
                        while self.rfile.readline() not in (b".\r\n", b""):
                            pass
                        script.mails += 1
                        self.say(".")

            def say(self, command: str) -> None:
                if answer := script.answers.get(command, "250 fine"):
                    self.wfile.write(f"{answer}\r\n".encode())

        return Conversation
