"""Public site: trend list, search, a page a paper, past days, feeds, an API. No JavaScript. See README.md.

front.py    `ports.Front`: all routes, error pages   guard.py   middleware: limits, headers, internal errors, metrics
site.py     shared by pages: templates, responses    static.py  style sheet, icon, robots.txt
pages.py    pages for readers                        past.py    lists of days, weeks and months
view.py     papers as templates show them            params.py  parameters of requests, paths
chart.py    evidence over time as an SVG line        compression.py  gzip
feeds.py    Atom and JSON Feed                       api.py     JSON API
health.py   /readyz and /metrics                     downloads.py  files and a feed behind signed links
subscribing.py  subscribe by mail, confirm, change, unsubscribe
"""

from adapters.web.front import WebFront, connect

__all__ = ["WebFront", "connect"]
