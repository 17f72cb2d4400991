"""A small site: today's list, search, one page a paper, the archive, feeds, an API. Read only, and without JavaScript.

front.py      the pages as a front beside the others      guard.py     headers, limits, faults: before every page
site.py       what every page shares: templates, answers  static.py    the style sheet and the icon
pages.py      what people read                            view.py      papers made ready for a template
subscribing.py  mail: subscribe, confirm, change, leave
chart.py      evidence over time as a small drawing       asked.py     what an address asks for
feeds.py      Atom and JSON Feed                          api.py       the same for programs
health.py     for whoever runs it
"""

from adapters.web.front import WebFront, connect

__all__ = ["WebFront", "connect"]
