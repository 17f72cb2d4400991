"""Wiring and running: the engine, the scheduler, the desk that fronts talk to, and the command line."""
