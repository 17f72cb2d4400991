"""One sentence about a paper: extracted from its abstract, or written by a language model where one is set."""
