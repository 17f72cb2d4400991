"""The command line: what each command does, its shared options and its output."""
