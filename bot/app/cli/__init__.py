"""The command line `paperboy`.

    operator_commands.py  click commands: run, mcp, collect, doctor, backup, migrate, forget, mail, manifest, key,
                          settings, version
    data_commands.py      click commands: preview, papers, search, match, tldr, import, reindex, replay, subscriptions
    options.py            options of several commands; one line for each user error
    actions.py            what commands do with the store: run, collect, import, reindex, a bot command, forget
    mail_actions.py       mail subscriptions
    bulk.py               search, match and summaries for programs: JSON Lines in, JSON Lines out
    preview.py            one digest from the database, the network or the sample
    transfer.py           subscriptions as JSON Lines

The click modules import the others only when a command runs, so that `--help` is instant.
"""
