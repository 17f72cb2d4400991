"""Measurements of speed, size and quality: `python -m tests.bench [SUBJECT …] [--quick]` prints one Markdown table."""
