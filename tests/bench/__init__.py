"""Measurements of speed and size: `python -m tests.bench [subject ...] [--quick]` prints one Markdown table.

choose.py    a tick over many due channels          startup.py   whole processes
deliver.py   messages a second, ledger included     store.py     a store of 100,000 papers
answers.py   commands while all that goes on         slack.py     a thousand threads over HTTP, beside slack_sdk alone
summary.py   TL;DRs against those that people wrote
learning.py  simulated channels that teach their ranking
mail.py      a thousand digests by mail, beside aiosmtplib alone

web.py       pages and searches a second, beside a bare Starlette page

hops.py      files and functions passed on four ways through
callbacks.py how long the event loop is held in an hour

scale.py     how much of everything                 figures.py   medians, spreads, the table
papers.py    papers made of recombined sentences    wishes.py    topics as people write them
wiring.py    the engine on fake platforms           fresh.py     one step in a process of its own
side_process.py sides of a comparison, told when to begin: bare.py, slack_app.py
"""
