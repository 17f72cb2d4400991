"""What is trained comes from scripts here, seeded, so that anybody can make it again.

embeddings.py   the table of word pieces (`python -m tests.training.embeddings`)
minilm.py       its teacher: all-MiniLM-L6-v2, from pinned weights to an ONNX graph
"""
