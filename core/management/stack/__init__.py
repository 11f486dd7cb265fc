"""The distributed set-up on one machine: real services, web processes, workers and beat under one supervisor."""
