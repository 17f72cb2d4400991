"""Every sentence that the bot says, as messages without platform markup. Pure.

digest.py      a digest: thread, one message, a quiet day's line
cards.py       one paper, lists of papers, the table behind `why`
evidence.py    signals in words
channel.py     a channel's subscription: schedule, topics, forms, overviews
tuning.py      what feedback has taught
status.py      how the sources do, what was erased
help.py        generated from the table of commands
mail.py        letters, their pages, and the footer of a digest by mail
notices.py     notices to people, and short answers
results.py     notes beside search results
export.py      reading lists as BibTeX and CSV
visibility.py  overviews without the channels that a person may not see
parts.py       paragraphs, dates, counts, names
"""
