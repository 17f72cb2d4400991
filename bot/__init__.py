"""Paperboy's engine: it decides what a channel reads today, and why. Adapters (`adapters/`) talk to the platforms.

    sources ─► app.collect ─► store ─► ranking ─► digest ─► wording ─► delivery ─► an adapter's outlet
                                ▲                                         │
                    embeddings, summaries                       the ledger in store, before and after each post

    an adapter's front ─► app.desk ─► handlers ─► app.engine, search ─► wording ─► the front
                                          ▲            ▲
                                       commands      query

    reactions ─► store ─► ranking.votes ─► ranking.profile ─► the order of the channel's next digest (app.learner)

`app.engine` calls the steps in order; `app.wiring` builds everything from settings; `app.platforms` names the adapters;
`app.scheduler` runs it. `model`, `ports` and `errors` are the values, protocols and exceptions that all packages share;
`settings` reads the environment; `__main__` is the command line. The packages, their layers and the words: `README.md`
here.
"""
