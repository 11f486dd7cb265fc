"""The demo: people and tickets to look at. Demo mode only."""
