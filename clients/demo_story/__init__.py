"""The whole story of a ticket, played and checked against a running server. Uses HTTP and WebSocket only."""
