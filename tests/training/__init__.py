"""Scripts that train the models which ship with Paperboy; seeded, so that every result can be made again.

embeddings.py   the table of word pieces (`python -m tests.training.embeddings`)
minilm.py       its teacher: all-MiniLM-L6-v2, from pinned weights to an ONNX graph
tldr.py         the summary ranker's weights (`python -m tests.training.tldr`)
"""
