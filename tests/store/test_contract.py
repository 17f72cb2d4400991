"""SQLite and PostgreSQL keep the contract of a store."""

from __future__ import annotations

from tests.contracts.store.changes import ChangesContract
from tests.contracts.store.clubs import ClubContract
from tests.contracts.store.counts import CountsContract
from tests.contracts.store.feedback import FeedbackContract
from tests.contracts.store.leases import LeasesContract
from tests.contracts.store.ledger import LedgerContract
from tests.contracts.store.links import LinksContract
from tests.contracts.store.missed import MissedContract
from tests.contracts.store.papers import PapersContract
from tests.contracts.store.people import PeopleContract
from tests.contracts.store.posts import PostContract
from tests.contracts.store.reading_list import ReadingListsContract
from tests.contracts.store.recaps import RecapsContract
from tests.contracts.store.second_looks import SecondLooksContract
from tests.contracts.store.secrets import SecretsContract
from tests.contracts.store.segments import SegmentsContract
from tests.contracts.store.shown import ShownContract
from tests.contracts.store.subscriptions import SubscriptionsContract
from tests.contracts.store.watches import WatchContract
from tests.contracts.store.zotero import ZoteroContract


class TestPapers(PapersContract):
    pass


class TestShown(ShownContract):
    pass


class TestSubscriptions(SubscriptionsContract):
    pass


class TestLedger(LedgerContract):
    pass


class TestPosts(PostContract):
    pass


class TestLinks(LinksContract):
    pass


class TestClubs(ClubContract):
    pass


class TestWatches(WatchContract):
    pass


class TestMissed(MissedContract):
    pass


class TestPeople(PeopleContract):
    pass


class TestZotero(ZoteroContract):
    pass


class TestReadingLists(ReadingListsContract):
    pass


class TestCounts(CountsContract):
    pass


class TestFeedback(FeedbackContract):
    pass


class TestRecaps(RecapsContract):
    pass


class TestSecrets(SecretsContract):
    pass


class TestSecondLooks(SecondLooksContract):
    pass


class TestSegments(SegmentsContract):
    pass


class TestLeases(LeasesContract):
    pass


class TestChanges(ChangesContract):
    pass
