"""Time zones as people write them -> IANA names: places, countries, abbreviations. Pure.

A name that stands for several clocks is asked about, never guessed, and so is an offset: no offset keeps summer time.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from bot.commands.times import excerpt
from bot.errors import UserError
from bot.text import joined

_PROPOSED = 4
"""Most places in one answer."""
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-−–])\s*(\d{1,2})(?::?([0-5]\d))?(?:\s*h)?", re.ASCII)
_EXAMPLES = "Name a place: Europe/Berlin or America/New_York."
_JANUARY, _JULY = datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC)
"""One moment of each half of a year, to compare offsets by."""
_NAMES = """
America/New_York: est, edt, et, eastern, eastern time, us eastern, usa, us, united states, america, boston, washington
America/New_York: washington dc, philadelphia, pittsburgh, atlanta, miami, princeton, nyc, ny
America/Chicago: cst, cdt, ct, central, central time, us central, usa, us, united states, america, austin, houston
America/Chicago: dallas, texas, minneapolis
America/Denver: mst, mdt, mt, mountain, mountain time, us mountain, usa, us, united states, america, salt lake city
America/Phoenix: mst, arizona
America/Los_Angeles: pst, pdt, pt, pacific, pacific time, us pacific, usa, us, united states, america, la, sf
America/Los_Angeles: san francisco, bay area, silicon valley, stanford, berkeley, palo alto, california, seattle
America/Los_Angeles: san diego
Europe/London: gmt, bst, uk, united kingdom, england, britain, great britain, gb, scotland, wales, cambridge, oxford
Europe/London: edinburgh, manchester, british time
UTC: gmt, utc, z, zulu, universal, uct, greenwich, utc time, universal time
Europe/Berlin: cest, mesz, mez, germany, deutschland, munich, münchen, hamburg, frankfurt, cologne, köln, stuttgart
Europe/Berlin: tübingen, heidelberg, karlsruhe, saarbrücken, darmstadt, dresden, leipzig
Europe/Berlin: central european time, central european summer time
Asia/Shanghai: china, prc, cst, beijing, peking, shenzhen, hangzhou, guangzhou, nanjing, wuhan, chengdu, xian, hefei
Asia/Shanghai: china standard time, china time, bjt
Asia/Kolkata: ist, india, bangalore, bengaluru, mumbai, bombay, delhi, new delhi, hyderabad, chennai, pune, calcutta
Asia/Tokyo: jst, japan, osaka, kyoto, nagoya
Asia/Seoul: kst, korea, south korea, rok, daejeon, busan, pohang
Asia/Singapore: sgt, singapore
Asia/Hong_Kong: hkt, hong kong
Asia/Taipei: taiwan, hsinchu, roc
Europe/Paris: france, lyon, grenoble, toulouse, nice, marseille
Europe/Zurich: switzerland, schweiz, suisse, zürich, geneva, genf, lausanne, basel, bern, lugano
Europe/Amsterdam: netherlands, the netherlands, holland, rotterdam, utrecht, delft, eindhoven, leiden
Europe/Brussels: belgium, leuven, ghent
Europe/Vienna: austria, österreich, wien, linz, graz, salzburg
Europe/Madrid: spain, españa, barcelona, valencia
Europe/Lisbon: portugal, porto, lisboa
Europe/Rome: italy, italia, milan, milano, turin, trento, pisa, roma
Europe/Warsaw: poland, krakow, kraków, wroclaw
Europe/Prague: czechia, czech republic, brno
Europe/Stockholm: sweden, gothenburg, uppsala, linköping
Europe/Oslo: norway, trondheim
Europe/Copenhagen: denmark, aarhus
Europe/Helsinki: finland, espoo, tampere
Europe/Dublin: ist, ireland
Europe/Athens: eest, eastern european time, greece, thessaloniki
Europe/Budapest: hungary
Europe/Bucharest: romania, cluj
Europe/Kiev: ukraine, kyiv
Europe/Istanbul: trt, turkey, türkiye, ankara
Europe/Moscow: msk, moscow time, russia, st petersburg, saint petersburg
Asia/Yekaterinburg: russia
Asia/Novosibirsk: russia
Asia/Vladivostok: russia
Asia/Jerusalem: ist, idt, israel, tel aviv, haifa
Asia/Dubai: gst, uae, united arab emirates, abu dhabi, emirates
Asia/Riyadh: saudi arabia, jeddah, thuwal
Asia/Tehran: irst, iran
Asia/Karachi: pkt, pakistan, lahore, islamabad
Asia/Dhaka: bangladesh
Asia/Kathmandu: npt, nepal
Asia/Colombo: sri lanka
Asia/Bangkok: ict, thailand
Asia/Ho_Chi_Minh: vietnam, hanoi, saigon, ho chi minh city
Asia/Jakarta: wib, indonesia, bandung
Asia/Makassar: wita, indonesia
Asia/Manila: philippines
Asia/Kuala_Lumpur: myt, malaysia
Africa/Cairo: egypt
Africa/Johannesburg: sast, south africa, cape town
Africa/Nairobi: eat, kenya
Africa/Lagos: wat, nigeria
America/Toronto: canada, ontario, montreal, montréal, ottawa, waterloo, quebec
America/Winnipeg: canada
America/Edmonton: canada, calgary, alberta
America/Vancouver: canada, british columbia
America/Halifax: adt, ast
America/St_Johns: ndt, nst
America/Anchorage: akst, akdt, alaska
Pacific/Honolulu: hst, hawaii
America/Mexico_City: mexico
America/Sao_Paulo: brt, brazil, brasil, rio, rio de janeiro, são paulo, campinas
America/Argentina/Buenos_Aires: art, argentina
America/Santiago: chile
America/Bogota: colombia
America/Lima: peru
America/Panama: est
Australia/Sydney: aest, aedt, australia, canberra
Australia/Melbourne: australia
Australia/Brisbane: aest, australia, queensland
Australia/Adelaide: acst, acdt, australia
Australia/Darwin: acst
Australia/Perth: awst, australia
Pacific/Auckland: nzst, nzdt, nzt, nz, new zealand, wellington
"""
"""Zone: names that people use for its clock. A name of several zones is asked about, in this order."""


@cache
def zones() -> Mapping[str, str]:
    """Every time zone by its name in lower case."""
    named = (zone for zone in available_timezones() if zone not in {"Factory", "localtime"})
    return {zone.lower(): zone for zone in sorted(named)}


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    """Zones by the names that people use for them."""
    lines = (line.partition(": ") for line in _NAMES.strip().splitlines())
    return _grouped((name, zone) for zone, _, names in lines for name in names.split(", "))


@cache
def _cities() -> Mapping[str, tuple[str, ...]]:
    """Zones by the last part of their own names."""
    places = (pair for pair in zones().items() if "/" in pair[1] and not pair[0].startswith("etc/"))
    return _grouped((lower.rpartition("/")[2].replace("_", " "), zone) for lower, zone in places)


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    """Zones by name, of pairs of a name and a zone."""
    zones_by_name: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for name, zone in pairs:
        zones_by_name[name] += (zone,)
    return dict(zones_by_name)


def read_timezone(text: str) -> str:
    """IANA name from one in any case, or from a city, country or abbreviation with a single clock.

    Raises UserError, with the zones that may be meant as its values.
    """
    plain = " ".join(re.sub(r"\s*/\s*", "/", text.casefold()).replace("_", " ").replace(".", "").split())
    if listed := _names().get(plain) or _names().get(plain.removesuffix(" time")):
        return listed[0] if len(listed) == 1 else _ask(text, listed)
    if zone := zones().get(plain.replace(" ", "_")):
        return zone
    if match := _OFFSET.fullmatch(plain):
        return _ask_offset(text, match)
    cities = _cities().get(plain, ())
    return cities[0] if len(cities) == 1 else _ask_nearest(text, plain, cities)


def is_offset(text: str) -> bool:
    """Whether a text is an offset from UTC: `UTC+5:30`, `gmt -5`."""
    return _OFFSET.fullmatch(text.casefold()) is not None and not text.startswith(("- ", "+ ", "–"))


def _ask(text: str, listed: tuple[str, ...]) -> str:
    """Raise the question which of several clocks a name stands for."""
    marks = {zone: " (with summer time)" if _changes(zone) else " (without)" for zone in listed}
    mixed = len(set(marks.values())) > 1
    choice = joined([f"{zone}{marks[zone] if mixed else ''}" for zone in listed], "or")
    raise UserError(f"“{excerpt(text)}” may be the clock of {choice}. Name the place.", values=listed)


def _ask_offset(text: str, match: re.Match[str]) -> str:
    """UTC for the offset 0; else raise the question for a place with that offset."""
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0)) * (1 if match[1] == "+" else -1)
    if not offset:
        return "UTC"
    places = (line.partition(":")[0] for line in _NAMES.strip().splitlines())
    clocks = {_offsets(zone): zone for zone in reversed([zone for zone in places if offset in _offsets(zone)])}
    listed = tuple(reversed(clocks.values()))[:_PROPOSED]
    if not listed:
        raise UserError(f"“{excerpt(text)}” is not a time zone I know. {_EXAMPLES}")
    choice = joined([f"{zone} ({_season(zone, offset)})" for zone in listed], "or")
    raise UserError(f"“{excerpt(text)}” knows no summer time. Name a place: {choice}.", values=listed)


def _ask_nearest(text: str, plain: str, cities: tuple[str, ...]) -> str:
    """Raise the question for the zones of the most similar names."""
    names = difflib.get_close_matches(plain, [*_cities(), *_names()], n=2, cutoff=0.8) if len(plain) > 3 else []
    similar = [zone for name in names for zone in (_cities().get(name) or _names()[name])]
    full = difflib.get_close_matches(
        plain.replace(" ", "_"), [each for each in zones() if "/" in each], n=2, cutoff=0.75
    )
    listed = cities or tuple(dict.fromkeys([*(zones()[each] for each in full), *similar]))[: _PROPOSED - 1]
    hint = f"Did you mean {joined(listed, 'or')}?" if listed else _EXAMPLES
    raise UserError(f"“{excerpt(text)}” is not a time zone I know. {hint}", values=listed)


def _offsets(zone: str) -> tuple[timedelta | None, ...]:
    """Offsets from UTC in January and in July."""
    return tuple(moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in (_JANUARY, _JULY))


def _season(zone: str, offset: timedelta) -> str:
    """The part of the year in which a zone has an offset."""
    january, july = _offsets(zone)
    if january == july:
        return "all year"
    northern = january is not None and july is not None and january < july
    return "in summer" if (july == offset) is northern else "in winter"


def _changes(zone: str) -> bool:
    """Whether a zone keeps summer time."""
    return len(set(_offsets(zone))) > 1
