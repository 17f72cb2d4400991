"""Discord's tests: against `simcord` (real discord.py in process), and against the fake in `fake/` over real HTTP."""
