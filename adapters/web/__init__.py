"""Public site: trend list, search, a page a paper, past days, feeds, an API. No JavaScript. See README.md.

front.py    `ports.Front`: all routes, error pages   guard.py   middleware: limits, headers, internal errors, metrics
site.py     shared by pages: templates, responses    static.py  style sheet, icon, robots.txt
pages.py    pages for readers                        view.py    papers as templates show them
chart.py    evidence over time as an SVG line        params.py  parameters of requests, paths
feeds.py    Atom and JSON Feed                       api.py     JSON API
compression.py  gzip                               downloads.py  files behind signed links
subscribing.py  subscribe by mail, confirm, change, unsubscribe
health.py   /readyz and /metrics
"""

from adapters.web.front import WebFront, connect

__all__ = ["WebFront", "connect"]
