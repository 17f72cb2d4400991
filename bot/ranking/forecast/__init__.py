"""Forecast of a paper without votes: whether Daily Papers will list it, and with how many upvotes. Pure.

features.py   what is read off a paper: plain features and terms
history.py    how the earlier papers of its authors and organisation were received
model.py      the two models and their weights (`forecast.json`, `terms.npz`)
"""
