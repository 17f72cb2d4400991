"""The files that are mutated, by room, each with the tests nearest to it."""

from __future__ import annotations

NEAR_MAIL = ("limits", "letters", "journey", "addresses", "faults", "operator")
MAIL = tuple(f"tests/email/test_{name}.py" for name in NEAR_MAIL)

TARGETS: dict[str, dict[str, tuple[str, ...]]] = {
    "query": {
        "bot/query/lexer.py": ("tests/query/test_parser.py",),
        "bot/query/parser.py": ("tests/query/test_parser.py",),
        "bot/query/fields.py": ("tests/query/test_fields.py", "tests/query/test_matcher.py"),
        "bot/query/matcher.py": ("tests/query/test_matcher.py", "tests/query/test_fields.py"),
        "bot/query/semantic.py": ("tests/query/test_semantic.py", "tests/query/test_matcher.py"),
        "bot/query/field_index.py": ("tests/query/test_matcher.py", "tests/query/test_fields.py"),
        "bot/query/paper_set.py": ("tests/query/test_matcher.py", "tests/query/test_fields.py"),
        "bot/query/ast.py": ("tests/query/test_parser.py", "tests/query/test_matcher.py"),
    },
    "search": {
        "bot/search/cost.py": ("tests/search/test_prices.py", "tests/search/test_cost.py"),
    },
    "ranking": {
        "bot/ranking/trend.py": ("tests/ranking/test_trend.py",),
        "bot/ranking/profile.py": ("tests/ranking/test_profile.py",),
        "bot/ranking/reasons.py": ("tests/ranking/test_profile.py",),
        "bot/ranking/votes.py": ("tests/ranking/test_votes.py",),
        "bot/ranking/lsa.py": ("tests/ranking/test_lsa.py",),
    },
    "digest": {
        "bot/digest/selection.py": ("tests/digest",),
        "bot/digest/shortlist.py": ("tests/digest",),
        "bot/digest/batch.py": ("tests/digest",),
        "bot/wording/evidence.py": ("tests/wording",),
    },
    "delivery": {
        "bot/delivery/deliver.py": tuple(
            f"tests/delivery/test_{name}.py" for name in ("deliver", "late", "crash", "together")
        ),
        "bot/delivery/attempts.py": (
            "tests/delivery/test_attempts.py",
            "tests/delivery/test_crash.py",
            "tests/delivery/test_deliver.py",
        ),
        "bot/delivery/concurrency.py": ("tests/delivery/test_concurrency.py", "tests/delivery/test_deliver.py"),
        "bot/delivery/consequences.py": ("tests/delivery/test_deliver.py", "tests/delivery/test_notices.py"),
        "bot/delivery/in_flight.py": ("tests/delivery/test_in_flight.py",),
        "bot/delivery/notices.py": ("tests/delivery/test_notices.py",),
        "bot/delivery/mail/bounces.py": ("tests/email/test_bounces.py",),
        "bot/delivery/mail/letters.py": ("tests/email/test_letters.py", "tests/email/test_faults.py"),
        "bot/delivery/mail/limits.py": ("tests/email/test_limits.py", "tests/email/test_letters.py"),
        "bot/delivery/mail/links.py": ("tests/email/test_links.py",),
        "bot/delivery/mail/signup.py": MAIL,
    },
    "store": {
        "bot/store/encryption.py": ("tests/email/test_links.py", "tests/store/test_secrets.py"),
        "bot/store/sql/digests.py": ("tests/store/test_contract.py", "tests/delivery/test_missed.py"),
        "bot/store/sql/ledger.py": ("tests/store/test_contract.py", "tests/delivery/test_missed.py"),
        "bot/store/sql/move_and_erase.py": ("tests/store/test_contract.py",),
        "bot/store/sql/subscriptions.py": ("tests/store/test_contract.py",),
    },
    "sources": {
        "bot/sources/content_coding.py": ("tests/sources/test_http_client.py",),
        "bot/sources/halving.py": ("tests/sources/test_halving.py",),
        "bot/sources/limiter.py": ("tests/sources/test_limiter.py",),
    },
    "adapters": {
        "adapters/text.py": ("tests/adapters/test_text.py",),
        "adapters/web/guard.py": (
            "tests/web/test_guarded_requests.py",
            "tests/web/test_guard.py",
            "tests/web/test_health.py",
        ),
        "adapters/slack/markup.py": ("tests/slack/test_markup.py",),
        "adapters/slack/mentions.py": ("tests/slack/test_mentions.py",),
        "adapters/discord/markup.py": ("tests/discord/test_markup.py", "tests/discord/test_blocks.py"),
        "adapters/discord/mentions.py": ("tests/discord/test_mentions.py",),
    },
}
"""Room to file to its nearest tests; a name on the command line is a room, a file, or its beginning."""
