"""Every sentence the bot says, as messages without platform markup. Pure.

digest.py      a digest: thread, one message, a quiet day's line
cards.py       one paper, lists of papers, the table behind `why`
evidence.py    signals in words
channel.py     a channel's wish: schedule, topics, forms, overviews
tuning.py      what feedback has taught
house.py       how Paperboy does, what was erased
help.py        generated from the table of commands
mail.py        letters, their pages, and what stands under a digest by mail
notices.py     what people are told, and short answers
export.py      reading lists as BibTeX and CSV
sight.py       overviews without what a person may not see
parts.py       paragraphs, dates, counts, names
"""

from bot.wording.cards import Entry, Listing, card, listing, summary, why
from bot.wording.channel import (
    PAGE_SIZE,
    TopicPreview,
    not_subscribed,
    past_days,
    paused,
    resumed,
    settings_form,
    subscribed,
    subscriptions,
    topic_preview,
    topic_saved,
    topics,
    turned,
    unsubscribed,
    unsubscribing,
)
from bot.wording.digest import matched, preview, quiet, single, thread, why_chosen
from bot.wording.export import bibtex, csv_table
from bot.wording.help import about, help_all, help_group, help_on
from bot.wording.mail import (
    mail_asked,
    mail_changed,
    mail_confirmation,
    mail_confirmed,
    mail_footer,
    mail_form,
    mail_known,
    mail_leaving,
    mail_left,
    mail_preferences,
    mail_proposal,
)
from bot.wording.notices import (
    hello,
    linked_in_a_message,
    may_not,
    not_proved,
    notice,
    outdated_button,
    paused_notice,
    problem,
    proof,
    proved,
    resumed_notice,
    skipped_notice,
)
from bot.wording.parts import block, count, day_text, say, title_of
from bot.wording.status import forgetting, forgotten, status
from bot.wording.tuning import (
    Tuning,
    leaning_text,
    tuning,
    tuning_forgotten,
    tuning_reset,
    tuning_resetting,
    tuning_undone,
)
from bot.wording.visibility import addresses_in, channels_in, seen

__all__ = [
    "PAGE_SIZE",
    "Entry",
    "Listing",
    "TopicPreview",
    "Tuning",
    "about",
    "addresses_in",
    "bibtex",
    "block",
    "card",
    "channels_in",
    "count",
    "csv_table",
    "day_text",
    "forgetting",
    "forgotten",
    "hello",
    "help_all",
    "help_group",
    "help_on",
    "leaning_text",
    "linked_in_a_message",
    "listing",
    "mail_asked",
    "mail_changed",
    "mail_confirmation",
    "mail_confirmed",
    "mail_footer",
    "mail_form",
    "mail_known",
    "mail_leaving",
    "mail_left",
    "mail_preferences",
    "mail_proposal",
    "matched",
    "may_not",
    "not_proved",
    "not_subscribed",
    "notice",
    "outdated_button",
    "past_days",
    "paused",
    "paused_notice",
    "preview",
    "problem",
    "proof",
    "proved",
    "quiet",
    "resumed",
    "resumed_notice",
    "say",
    "seen",
    "settings_form",
    "single",
    "skipped_notice",
    "status",
    "subscribed",
    "subscriptions",
    "summary",
    "thread",
    "title_of",
    "topic_preview",
    "topic_saved",
    "topics",
    "tuning",
    "tuning_forgotten",
    "tuning_reset",
    "tuning_resetting",
    "tuning_undone",
    "turned",
    "unsubscribed",
    "unsubscribing",
    "why",
    "why_chosen",
]
