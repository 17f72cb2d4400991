"""Paperboy's engine: it decides what a channel reads today, and why. Adapters speak.

    sources/ ─► collect ─► store/ ─► ranking ─► digest ─► wording ─► deliver ─► an adapter's outlet
                             ▲                                          │
    an adapter's front ─► desk ─► answers ─► search ◄── query, matching └─► the ledger, before and after every post

What people react to comes back as a change of the channel's order: store ─► feedback ─► profile ─► digest; `learning`
does that off the event loop.

`engine` calls the steps in order; `app` wires everything and alone knows the time and the adapters; `model`, `ports`
and `errors` are the words that all of them share. `__main__` is the command line.
"""
