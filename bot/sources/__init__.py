"""Sources of papers and signals. How they work, the files, how to add one: README.md; declarations: `bot.model.source`.

Fetching and parsing are apart: a `parse_*` function is pure, takes bytes, and returns all of the answer or raises
SourceError.
"""
