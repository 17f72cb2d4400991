"""The domain: frozen values with no behaviour but what follows from their own fields.

Times are aware `datetime`s in UTC unless a name says `local`; days are `date`s in a channel's own zone.
"""

from bot.model.channel import Channel, Ref, platform, workspace
from bot.model.channel_settings import ChannelSettings
from bot.model.check import Check
from bot.model.delivery import (
    OPENER,
    Caller,
    Delivery,
    Notice,
    Nudge,
    OpenPost,
    PostKey,
    State,
    delivery_key,
    digest_key,
)
from bot.model.digest import Digest, DigestRecord, LikedNeighbour, MissedDigest, Outcome, Pick, Reason, ShownPaper
from bot.model.feedback import Feedback, Gesture, Lessons, PublicLikes, TopicVotes, opinion
from bot.model.form import FilledForm, Form, FormField
from bot.model.group import MANAGERS, MEMBERS, Group, group_of, rule_text
from bot.model.mailbox import Mailbox, Subscriber
from bot.model.message import Action, Block, Continuation, File, Image, Message, Role, Span, Thread
from bot.model.page import Hint, LinkedRepository, ListedPaper, Order, OtherTopic, PaperDetails, PaperList, WeekOfTopics
from bot.model.paper import Paper, Revision
from bot.model.post import OldestOpen, Post, PostRecord
from bot.model.reading_list import Favourite, SavedPaper
from bot.model.signal import Evidence, Findings, MergeResult, Outage, Signal, SourceReport, Trend
from bot.model.subscription import (
    AUTO,
    EVERY_DAY,
    MAIN,
    MOST_DIGESTS,
    WEEKDAYS,
    Early,
    Quiet,
    SelectionKey,
    Style,
    Subscription,
    SubscriptionChanges,
    SubscriptionKey,
    Summaries,
    TopicThreshold,
)
from bot.model.watch import QuietHours, Watch
