"""The stream of events, over real connections."""
