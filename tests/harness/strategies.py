"""Hypothesis strategies for messages: hostile text, addresses that may not become links, buttons of all kinds."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from bot.model import Action, Block, Image, Message, Span

NASTY = st.sampled_from(
    [
        *("<!channel>", "<!here|x>", "<@U123>", "<#C1|general>", "<!date^0^{date}|x>", "<!subteam^S1>"),
        *("&lt;!channel&gt;", "<https://evil.example|click>", "@here", "@channel", "#general", ":smile:", ":+1:"),
        *("*", "_", "~", "`", "```", "*bold*", "_it_", "~x~", "`code`", "> quote", ">>> q", "• ", "- ", "1. "),
        *("&", "&amp;", "<", ">", "|", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\x00", "\x1b[2J", "\ud800"),
        *(
            "\n",
            "\n\n\n",
            "\r\n",
            "\t",
            " ",
            "👩\u200d👩\u200d👧",
            "扩散模型",
            "$\\mathcal{L}_1^{*}$",
            "C*-algebra",
            "a_b_c",
        ),
        *(
            "https://evil.example/x?a=1&b=2",
            "evil.example",
            "95.3 %",
            "word " * 40,
            "x" * 200,
            "&" * 300,
            "long " * 900,
        ),
    ]
)
TEXT = st.lists(NASTY | st.text(max_size=12), max_size=6).map("".join)
URLS = st.sampled_from(
    [
        None, "https://arxiv.org/abs/2405.14105", "http://h/?a=1&b=<x>|y", "javascript:alert(1)", "https://u:p@h/", "",
        "https://h/|x>*_`", "https://h/" + "&" * 1_500, "https://h/" + "x" * 1_900, "https://h/\u202e", "ftp://h/",
    ]
)  # fmt: skip
MOMENTS = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
SPANS = st.builds(
    Span, TEXT, url=URLS, bold=st.booleans(), italic=st.booleans(), code=st.booleans(), at=st.none() | MOMENTS
)
ROLES = st.sampled_from(["heading", "text", "item", "note"])
LINES = st.lists(SPANS, max_size=5).map(tuple)
BLOCKS = st.builds(Block, ROLES, LINES, st.just(()) | LINES)
ACTIONS = st.builds(
    Action,
    TEXT,
    st.sampled_from(["why", "topics add", ""]) | TEXT,
    st.dictionaries(TEXT, TEXT, max_size=2),
    url=URLS,
    style=st.sampled_from(["plain", "primary", "danger"]),
    in_menu=st.booleans(),
)
MESSAGES = st.builds(
    Message,
    st.lists(BLOCKS, max_size=6).map(tuple),
    st.lists(ACTIONS, max_size=4).map(tuple),
    title=TEXT,
    image=st.none()
    | st.builds(
        Image, st.just("https://cdn.example/1.png"), TEXT.map("Picture of {}".format), st.just(1_200), st.just(648)
    ),
)
