"""Wiring and running: the engine, its scheduler, the desk that fronts talk to, and the command line."""
