"""Mutation testing of the files that decide: `python -m tests.mutation`. How to read it: tests/README.md."""
