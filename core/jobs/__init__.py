"""Work that takes longer than a request: who does it, and each kind of it."""
