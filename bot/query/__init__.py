"""The query language of topics and searches: lexer, parser, syntax tree, and matching papers against it. Pure."""
