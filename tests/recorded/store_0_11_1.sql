BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'paperboy','m001_papers_and_signals','2026-11-28 14:57:40.722989+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'paperboy','m002_channels_digests_and_the_ledger','2026-11-28 14:57:40.733782+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'paperboy','m003_people','2026-11-28 14:57:40.766818+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'paperboy','m004_secrets','2026-11-28 14:57:40.768882+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'paperboy','m005_notes','2026-11-28 14:57:40.775232+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'paperboy','m006_departed','2026-11-28 14:57:40.783219+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'paperboy','m007_index','2026-11-28 14:57:40.795528+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'paperboy','m008_profile','2026-11-28 14:57:40.807005+00:00');
INSERT INTO "_sqlite_migrations" VALUES(9,'paperboy','m009_mail','2026-11-28 14:57:40.818584+00:00');
INSERT INTO "_sqlite_migrations" VALUES(10,'paperboy','m010_written_summaries','2026-11-28 14:57:40.825679+00:00');
INSERT INTO "_sqlite_migrations" VALUES(11,'paperboy','m011_skipped_items','2026-11-28 14:57:40.832743+00:00');
INSERT INTO "_sqlite_migrations" VALUES(12,'paperboy','m012_more_authors','2026-11-28 14:57:40.837137+00:00');
INSERT INTO "_sqlite_migrations" VALUES(13,'paperboy','m013_conditions','2026-11-28 14:57:40.841285+00:00');
INSERT INTO "_sqlite_migrations" VALUES(14,'paperboy','m014_listed_on','2026-11-28 14:57:40.849558+00:00');
INSERT INTO "_sqlite_migrations" VALUES(15,'paperboy','m015_turns_of_letters','2026-11-28 14:57:40.855604+00:00');
INSERT INTO "_sqlite_migrations" VALUES(16,'paperboy','m016_departed_by_proof','2026-11-28 14:57:40.865357+00:00');
INSERT INTO "_sqlite_migrations" VALUES(17,'paperboy','m017_used_names','2026-11-28 14:57:40.875157+00:00');
INSERT INTO "_sqlite_migrations" VALUES(18,'paperboy','m018_organization_handles','2026-11-28 14:57:40.881689+00:00');
INSERT INTO "_sqlite_migrations" VALUES(19,'paperboy','m019_words_of_conditions','2026-11-28 14:57:40.891527+00:00');
INSERT INTO "_sqlite_migrations" VALUES(20,'paperboy','m020_leases','2026-11-28 14:57:40.906346+00:00');
INSERT INTO "_sqlite_migrations" VALUES(21,'paperboy','m021_changes','2026-11-28 14:57:40.939679+00:00');
INSERT INTO "_sqlite_migrations" VALUES(22,'paperboy','m022_discord_servers','2026-11-28 14:57:40.950124+00:00');
INSERT INTO "_sqlite_migrations" VALUES(23,'paperboy','m023_posts','2026-11-28 14:57:40.979525+00:00');
INSERT INTO "_sqlite_migrations" VALUES(24,'paperboy','m024_revisions','2026-11-28 14:57:40.996535+00:00');
INSERT INTO "_sqlite_migrations" VALUES(25,'paperboy','m025_early_picks','2026-11-28 14:57:40.999805+00:00');
INSERT INTO "_sqlite_migrations" VALUES(26,'paperboy','m026_topic_thresholds','2026-11-28 14:57:41.009259+00:00');
INSERT INTO "_sqlite_migrations" VALUES(27,'paperboy','m027_summaries','2026-11-28 14:57:41.013382+00:00');
INSERT INTO "_sqlite_migrations" VALUES(28,'paperboy','m028_posted_messages','2026-11-28 14:57:41.023192+00:00');
INSERT INTO "_sqlite_migrations" VALUES(29,'paperboy','m030_watches','2026-11-28 14:57:41.026907+00:00');
INSERT INTO "_sqlite_migrations" VALUES(30,'paperboy','m031_second_looks','2026-11-28 14:57:41.032037+00:00');
INSERT INTO "_sqlite_migrations" VALUES(31,'paperboy','m032_reading_list','2026-11-28 14:57:41.037255+00:00');
INSERT INTO "_sqlite_migrations" VALUES(32,'paperboy','m033_clubs','2026-11-28 14:57:41.044708+00:00');
INSERT INTO "_sqlite_migrations" VALUES(33,'paperboy','m034_card_counts','2026-11-28 14:57:41.048622+00:00');
INSERT INTO "_sqlite_migrations" VALUES(34,'paperboy','m035_links','2026-11-28 14:57:41.052998+00:00');
INSERT INTO "_sqlite_migrations" VALUES(35,'paperboy','m036_liked_neighbours','2026-11-28 14:57:41.059763+00:00');
INSERT INTO "_sqlite_migrations" VALUES(36,'paperboy','m037_mentions','2026-11-28 14:57:41.063134+00:00');
INSERT INTO "_sqlite_migrations" VALUES(37,'paperboy','m038_index_segments','2026-11-28 14:57:41.075696+00:00');
CREATE TABLE card_counts (
    channel TEXT NOT NULL, paper_id TEXT NOT NULL,
    not_before REAL,                              
    likes INTEGER NOT NULL DEFAULT 0, wishes INTEGER NOT NULL DEFAULT 0,
    edited_at REAL, marks INTEGER NOT NULL DEFAULT 1, attempts INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (channel, paper_id)
) WITHOUT ROWID;
CREATE TABLE channel_settings (channel TEXT PRIMARY KEY, settings TEXT NOT NULL);
CREATE TABLE club_candidates (
    meeting TEXT NOT NULL REFERENCES club_meetings (id) ON DELETE CASCADE, number INTEGER NOT NULL,
    paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE,
    added INTEGER NOT NULL,                       
    discuss INTEGER NOT NULL DEFAULT 0, likes INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (meeting, number)
) WITHOUT ROWID;
INSERT INTO "club_candidates" VALUES('a1',1,'2511.00002',0,2,1);
INSERT INTO "club_candidates" VALUES('a1',2,'2511.00001',0,0,0);
INSERT INTO "club_candidates" VALUES('a2',1,'2511.00001',0,1,0);
INSERT INTO "club_candidates" VALUES('a2',2,'2511.00003',0,0,0);
INSERT INTO "club_candidates" VALUES('a2',3,'2511.00004',1,0,0);
INSERT INTO "club_candidates" VALUES('b1',1,'2511.00002',0,0,0);
CREATE TABLE club_meetings (
    id TEXT PRIMARY KEY, channel TEXT NOT NULL, day TEXT NOT NULL, timezone TEXT NOT NULL, starts_at REAL NOT NULL,
    opens_at REAL NOT NULL, closes_at REAL NOT NULL, state TEXT NOT NULL, winner INTEGER,
    votes INTEGER NOT NULL DEFAULT 0, tied INTEGER NOT NULL DEFAULT 1, ballots INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0, presenting INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '',
    look_at REAL                                  
);
INSERT INTO "club_meetings" VALUES('a1','fake:T1/C1','2025-12-04','Europe/Berlin',1764835200.0,1764230400.0,1764662400.0,'over',1,1,1,1,4,0,'',0.0);
INSERT INTO "club_meetings" VALUES('a2','fake:T1/C1','2025-12-18','Europe/Berlin',1766044800.0,1765440000.0,1765872000.0,'voting',NULL,0,1,0,2,0,'',0.0);
INSERT INTO "club_meetings" VALUES('b1','fake:T1/C2','2025-12-01','UTC',1764579600.0,1763974800.0,1764493200.0,'decided',1,0,1,0,4,1,'',0.0);
CREATE TABLE club_presenters (
    meeting TEXT NOT NULL REFERENCES club_meetings (id) ON DELETE CASCADE, user TEXT NOT NULL,
    name TEXT NOT NULL, at REAL NOT NULL, withdrawn INTEGER NOT NULL, PRIMARY KEY (meeting, user)
) WITHOUT ROWID;
INSERT INTO "club_presenters" VALUES('b1','fake:T1/U2','Ben',1763974800.0,0);
CREATE TABLE club_votes (
    meeting TEXT NOT NULL REFERENCES club_meetings (id) ON DELETE CASCADE, user TEXT NOT NULL,
    number INTEGER NOT NULL, at REAL NOT NULL, PRIMARY KEY (meeting, user)
) WITHOUT ROWID;
INSERT INTO "club_votes" VALUES('a1','fake:T1/U1',1,1763974800.0);
INSERT INTO "club_votes" VALUES('a2','fake:T1/U1',1,1765440000.0);
INSERT INTO "club_votes" VALUES('a2','fake:T1/U2',3,1765440000.0);
CREATE TABLE clubs (
    channel TEXT PRIMARY KEY, weekday INTEGER NOT NULL, at TEXT NOT NULL, timezone TEXT NOT NULL,
    weeks INTEGER NOT NULL, set_by TEXT
);
INSERT INTO "clubs" VALUES('fake:T1/C1',3,'09:00','Europe/Berlin',2,'fake:T1/U1');
INSERT INTO "clubs" VALUES('fake:T1/C2',0,'09:00','UTC',1,'fake:T1/U2');
CREATE TABLE deliveries (
    channel TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, slot INTEGER NOT NULL, state TEXT NOT NULL, ref TEXT,
    paper_id TEXT, attempts INTEGER NOT NULL DEFAULT 0, claimed_at REAL, posted_at REAL, reason TEXT,
    leased_by TEXT,                               
    PRIMARY KEY (channel, kind, key, slot)
) WITHOUT ROWID;
INSERT INTO "deliveries" VALUES('fake:T1/C1','club','a2 poll',0,'posted','r4',NULL,1,1765440000.0,1765440000.0,NULL,'host/1/00000001');
INSERT INTO "deliveries" VALUES('fake:T1/C1','digest','main 2025-11-24',0,'posted','r0',NULL,1,1763974800.0,1763974800.0,NULL,'host/1/00000001');
INSERT INTO "deliveries" VALUES('fake:T1/C1','digest','main 2025-11-24',1,'posted','r1','2511.00001',1,1763974800.0,1763974800.0,NULL,'host/1/00000001');
INSERT INTO "deliveries" VALUES('fake:T1/C1','digest','main 2025-11-24',2,'posted','r2','2511.00002',1,1763974800.0,1763974800.0,NULL,'host/1/00000001');
INSERT INTO "deliveries" VALUES('fake:T1/C1','update','2511.00001 change 1',0,'posted','r3','2511.00001',1,1764061200.0,1764061200.0,NULL,'host/1/00000001');
CREATE TABLE departed (place TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE embeddings (
    n INTEGER PRIMARY KEY REFERENCES papers (n) ON DELETE CASCADE, model TEXT NOT NULL, revision INTEGER NOT NULL,
    vector BLOB NOT NULL
);
CREATE TABLE gestures (
    channel TEXT NOT NULL, user TEXT NOT NULL, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE,
    gesture TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (channel, user, paper_id, gesture)
) WITHOUT ROWID;
CREATE TABLE greeted (channel TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE index_entries (
    n INTEGER PRIMARY KEY REFERENCES papers (n) ON DELETE CASCADE,
    title TEXT NOT NULL, abstract TEXT NOT NULL, authors TEXT NOT NULL, fields TEXT NOT NULL, age_at REAL NOT NULL,
    revision INTEGER NOT NULL                     
);
CREATE TABLE index_orders (
    n INTEGER PRIMARY KEY REFERENCES papers (n) ON DELETE CASCADE, stems BLOB NOT NULL
);
CREATE TABLE index_parts (
    segment_id INTEGER NOT NULL REFERENCES index_segments (id) ON DELETE CASCADE, part INTEGER NOT NULL,
    data BLOB NOT NULL, PRIMARY KEY (segment_id, part)
);
CREATE TABLE index_revision (value INTEGER NOT NULL, collections INTEGER NOT NULL DEFAULT 0);
INSERT INTO "index_revision" VALUES(1,0);
CREATE TABLE index_segments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, model TEXT NOT NULL,
    position INTEGER NOT NULL,                    
    papers INTEGER NOT NULL, checksum TEXT NOT NULL, bytes INTEGER NOT NULL
);
CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until REAL NOT NULL);
CREATE TABLE links (
    channel TEXT NOT NULL, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE ON DELETE CASCADE,
    day TEXT NOT NULL, user TEXT NOT NULL, name TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (channel, paper_id, day)
) WITHOUT ROWID;
CREATE TABLE mail_asks (who TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE mail_subscribers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL,
    name TEXT NOT NULL UNIQUE,                    
    wish TEXT NOT NULL,                           
    asked_at REAL NOT NULL, confirmed_at REAL, bounces INTEGER NOT NULL DEFAULT 0,
    letter TEXT,                                  
    not_before REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0
, turn INTEGER NOT NULL DEFAULT 0);
CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE notices (
    id INTEGER PRIMARY KEY, recipient TEXT NOT NULL, about TEXT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL,
    text TEXT NOT NULL, state TEXT NOT NULL, not_before REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    claimed_at REAL, leased_by TEXT, UNIQUE (recipient, about, kind, day)
);
CREATE TABLE observations (
    series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE, seen_at REAL NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (series_id, seen_at)
) WITHOUT ROWID;
INSERT INTO "observations" VALUES(1,1763974800.0,12.0);
CREATE TABLE papers (
    n INTEGER PRIMARY KEY,                        
    id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, abstract TEXT NOT NULL DEFAULT '', authors TEXT NOT NULL DEFAULT '[]',
    published_at REAL, listed_at REAL, first_seen REAL NOT NULL, categories TEXT NOT NULL DEFAULT '[]',
    organization TEXT, code_url TEXT, project_url TEXT, comment TEXT, journal_ref TEXT, doi TEXT,
    version INTEGER, withdrawn INTEGER NOT NULL DEFAULT 0, tldr TEXT NOT NULL DEFAULT '',
    text_from TEXT NOT NULL,                      
    described INTEGER NOT NULL DEFAULT 0,         
    age_at REAL GENERATED ALWAYS AS (coalesce(listed_at, first_seen)) STORED
, tldr_by TEXT NOT NULL DEFAULT '', tldr_tries INTEGER NOT NULL DEFAULT 0, more_authors INTEGER NOT NULL DEFAULT 0, organization_handle TEXT, organization_words TEXT NOT NULL DEFAULT '', venue_words TEXT NOT NULL DEFAULT '', changes INTEGER NOT NULL DEFAULT 0, indexed INTEGER NOT NULL DEFAULT -1);
INSERT INTO "papers" VALUES(1,'2511.00001','Paper 1, Revised','We study quill1x marrow1x tundra1x lattice1x ember1x fjord1x. It reaches 1.5 % on the quill1x marrow1x tundra1x lattice1x ember1x fjord1x benchmark.','["Ada Example", "Ben Example"]',1763888400.0,1763956800.0,1763974800.0,'["cs.CL"]',NULL,NULL,NULL,NULL,NULL,NULL,2,0,'','arxiv',0,'',0,0,NULL,'','',1,-1);
INSERT INTO "papers" VALUES(2,'2511.00002','Paper 2 on quill2x marrow2x tundra2x lattice2x ember2x fjord2x','We study quill2x marrow2x tundra2x lattice2x ember2x fjord2x. It reaches 2.5 % on the quill2x marrow2x tundra2x lattice2x ember2x fjord2x benchmark.','["Ada Example", "Ben Example"]',1763888400.0,1763956800.0,1763974800.0,'["cs.CL"]',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'','arxiv',0,'',0,0,NULL,'','',0,-1);
INSERT INTO "papers" VALUES(3,'2511.00003','Paper 3 on quill3x marrow3x tundra3x lattice3x ember3x fjord3x','We study quill3x marrow3x tundra3x lattice3x ember3x fjord3x. It reaches 3.5 % on the quill3x marrow3x tundra3x lattice3x ember3x fjord3x benchmark.','["Ada Example", "Ben Example"]',1763888400.0,1763956800.0,1763974800.0,'["cs.CL"]',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'','arxiv',0,'',0,0,NULL,'','',0,-1);
INSERT INTO "papers" VALUES(4,'2511.00004','Paper 4 on quill4x marrow4x tundra4x lattice4x ember4x fjord4x','We study quill4x marrow4x tundra4x lattice4x ember4x fjord4x. It reaches 4.5 % on the quill4x marrow4x tundra4x lattice4x ember4x fjord4x benchmark.','["Ada Example", "Ben Example"]',1763888400.0,1763956800.0,1763974800.0,'["cs.CL"]',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'','arxiv',0,'',0,0,NULL,'','',0,-1);
CREATE TABLE picks (
    channel TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL,
    paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE, reason TEXT NOT NULL, topics TEXT NOT NULL,
    trend TEXT NOT NULL,                          
    shown INTEGER NOT NULL DEFAULT 1,             
    liked TEXT NOT NULL DEFAULT '[]', close_to TEXT NOT NULL DEFAULT '[]', neighbour TEXT,
    PRIMARY KEY (kind, key, channel, position),   
    FOREIGN KEY (channel, kind, key) REFERENCES posts (channel, kind, key) ON DELETE CASCADE
) WITHOUT ROWID;
INSERT INTO "picks" VALUES('fake:T1/C1','digest','main 2025-11-24',1,'2511.00001','new, no signals yet','[]','[1.0, 1.0, "", [], 0.0, 0.0]',1,'[]','[]',NULL);
INSERT INTO "picks" VALUES('fake:T1/C1','digest','main 2025-11-24',2,'2511.00002','new, no signals yet','[]','[1.0, 1.0, "", [], 0.0, 0.0]',1,'[]','[]',NULL);
INSERT INTO "picks" VALUES('fake:T1/C1','watch','2511.00003',1,'2511.00003','watch','[]','',1,'[]','[]',NULL);
CREATE TABLE posts (
    channel TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
    name TEXT NOT NULL, day TEXT NOT NULL,        
    outcome TEXT, due_at REAL NOT NULL, chosen_at REAL NOT NULL, since REAL, topics TEXT NOT NULL DEFAULT '[]',
    style TEXT, quiet TEXT, thinned INTEGER NOT NULL DEFAULT 0, faults TEXT NOT NULL DEFAULT '[]',
    state TEXT NOT NULL,                          
    not_before REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, reason TEXT,
    listed_on TEXT, messages TEXT, under_ref TEXT, expires_at REAL, linked TEXT,                               
    PRIMARY KEY (channel, kind, key)
);
INSERT INTO "posts" VALUES('fake:T1/C1','digest','main 2025-11-24','main','2025-11-24','picked',1763974800.0,1763974800.0,1763715600.0,'[]','thread','say',0,'[]','done',1763974800.0,0,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "posts" VALUES('fake:T1/C1','watch','2511.00003','','2025-11-24',NULL,1763974800.0,1763974800.0,NULL,'[]',NULL,NULL,0,'[]','open',1763974800.0,0,NULL,NULL,'[{"blocks":[{"role":"text","spans":[{"text":"Paper 3 has come"}]}],"title":"Paper 3 has come"}]',NULL,1764061200.0,NULL);
INSERT INTO "posts" VALUES('fake:T1/C1','update','2511.00001 change 1','','2025-11-25',NULL,1764061200.0,1764061200.0,NULL,'[]',NULL,NULL,0,'[]','done',1764061200.0,0,NULL,NULL,'[{"blocks":[{"role":"text","spans":[{"text":"change 1"}]}],"title":"change 1"}]','r0',1764752400.0,NULL);
INSERT INTO "posts" VALUES('fake:T1/C1','update','2511.00001 upvotes 1','','2025-11-25',NULL,1764061200.0,1764061200.0,NULL,'[]',NULL,NULL,0,'[]','open',1764061200.0,0,NULL,NULL,'[{"blocks":[{"role":"text","spans":[{"text":"upvotes 1"}]}],"title":"upvotes 1"}]','r0',1764752400.0,NULL);
INSERT INTO "posts" VALUES('fake:T1/C1','club','a2 poll','','2025-12-11',NULL,1765440000.0,1765440000.0,NULL,'[]',NULL,NULL,0,'[]','done',1765440000.0,0,NULL,NULL,'[{"blocks":[{"role":"text","spans":[{"text":"Vote"}]}],"title":"Vote"}]',NULL,1765872000.0,NULL);
CREATE TABLE profiles (channel TEXT PRIMARY KEY, profile TEXT NOT NULL, changed_at REAL NOT NULL);
CREATE TABLE reactions (
    channel TEXT NOT NULL, user TEXT NOT NULL, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE,
    value INTEGER NOT NULL, reacted_at REAL NOT NULL, topics TEXT, PRIMARY KEY (channel, user, paper_id)
) WITHOUT ROWID;
CREATE TABLE revisions (
    paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE ON DELETE CASCADE, field TEXT NOT NULL,
    changed_at REAL NOT NULL, before TEXT NOT NULL, source TEXT NOT NULL,
    source_before TEXT,                           
    PRIMARY KEY (paper_id, field, changed_at)
) WITHOUT ROWID;
INSERT INTO "revisions" VALUES('2511.00001','title',1764061200.0,'Paper 1 on quill1x marrow1x tundra1x lattice1x ember1x fjord1x','arxiv','arxiv');
CREATE TABLE saves (
    user TEXT NOT NULL, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE, saved_at REAL NOT NULL, read_at REAL, note TEXT NOT NULL DEFAULT '', tags TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (user, paper_id)
) WITHOUT ROWID;
CREATE TABLE secrets (name TEXT PRIMARY KEY, sealed BLOB NOT NULL);
CREATE TABLE series (
    id INTEGER PRIMARY KEY, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE ON DELETE CASCADE,
    source TEXT NOT NULL, kind TEXT NOT NULL, value REAL NOT NULL, seen_at REAL NOT NULL,
    UNIQUE (paper_id, source, kind)
);
INSERT INTO "series" VALUES(1,'2511.00001','huggingface','upvotes',12.0,1763974800.0);
CREATE TABLE sources (
    source TEXT PRIMARY KEY, tried_at REAL NOT NULL, succeeded_at REAL, papers INTEGER NOT NULL DEFAULT 0,
    signals INTEGER NOT NULL DEFAULT 0, fault TEXT
, skipped INTEGER NOT NULL DEFAULT 0, skipped_items TEXT NOT NULL DEFAULT '[]');
CREATE TABLE subscriptions (
    channel TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, at TEXT NOT NULL, timezone TEXT NOT NULL,
    days TEXT NOT NULL, style TEXT NOT NULL, quiet TEXT NOT NULL, set_by TEXT, set_at REAL, last_at REAL, next_due REAL,
    paused_at REAL, paused_until REAL, pause_reason TEXT, early INTEGER, summaries TEXT NOT NULL DEFAULT 'any', mention TEXT NOT NULL DEFAULT '', PRIMARY KEY (channel, name)
);
INSERT INTO "subscriptions" VALUES('fake:T1/C1','main',5,'09:00','Asia/Tokyo','[0, 1, 2, 3, 4, 5, 6]','thread','say',NULL,NULL,1763974800.0,1764061200.0,NULL,NULL,NULL,NULL,'any','');
CREATE TABLE topics (
    channel TEXT NOT NULL, name TEXT NOT NULL, wanted INTEGER NOT NULL,
    line TEXT NOT NULL, position INTEGER NOT NULL, threshold REAL, steps TEXT, PRIMARY KEY (channel, name, wanted, line),
    FOREIGN KEY (channel, name) REFERENCES subscriptions (channel, name) ON UPDATE CASCADE ON DELETE CASCADE
) WITHOUT ROWID;
INSERT INTO "topics" VALUES('fake:T1/C1','main',1,'video',0,NULL,NULL);
CREATE TABLE used_names (name TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE watches (
    channel TEXT NOT NULL, line TEXT NOT NULL, most INTEGER NOT NULL, quiet_from TEXT, quiet_until TEXT,
    direct INTEGER NOT NULL, timezone TEXT NOT NULL, set_by TEXT, set_at REAL NOT NULL,
    stopped_at REAL, stop_reason TEXT NOT NULL, PRIMARY KEY (channel, line)
) WITHOUT ROWID;
INSERT INTO "watches" VALUES('fake:T1/C1','"naïve" | org:x',5,'22:00','08:30',0,'UTC','fake:T1/U1',1763974800.0,NULL,'');
INSERT INTO "watches" VALUES('fake:T1/C1','cat:cs.CL',3,NULL,NULL,0,'Europe/Berlin',NULL,1763978400.0,NULL,'');
INSERT INTO "watches" VALUES('fake:T1/C2','org:z',3,NULL,NULL,0,'UTC','fake:T1/U2',1763974800.0,1763974800.0,'it was archived');
INSERT INTO "watches" VALUES('fake:T1/U1','cat:cs.CV',3,NULL,NULL,1,'UTC','fake:T1/U1',1763974800.0,NULL,'');
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX papers_by_doi ON papers (doi) WHERE doi IS NOT NULL;
CREATE INDEX notices_open ON notices (not_before) WHERE state IN ('open', 'claimed');
CREATE INDEX papers_unsummarised ON papers (age_at) WHERE described = 1;
CREATE INDEX embeddings_by_model ON embeddings (model, revision);
CREATE INDEX mail_letters ON mail_subscribers (not_before) WHERE letter = 'waiting';
CREATE INDEX mail_asks_by_who ON mail_asks (who, at);
CREATE INDEX series_by_upvotes ON series (value, paper_id) WHERE kind = 'upvotes';
CREATE INDEX leases_by_holder ON leases (holder);
CREATE INDEX subscriptions_due ON subscriptions (next_due) WHERE paused_at IS NULL;
CREATE INDEX subscriptions_resuming ON subscriptions (paused_until) WHERE paused_until IS NOT NULL;
CREATE INDEX posts_open ON posts (not_before) WHERE state = 'open';
CREATE INDEX posts_missed ON posts (channel, day) WHERE state = 'abandoned' AND listed_on IS NULL;
CREATE INDEX posts_listed ON posts (channel, listed_on) WHERE listed_on IS NOT NULL;
CREATE INDEX picks_by_paper ON picks (paper_id, channel, shown) WHERE shown = 1;
CREATE INDEX deliveries_by_ref ON deliveries (channel, ref) WHERE ref IS NOT NULL;
CREATE INDEX papers_written ON papers (tldr_by) WHERE tldr_by <> '';
CREATE INDEX revisions_by_time ON revisions (changed_at);
CREATE INDEX series_by_time ON series (seen_at);
CREATE INDEX club_meetings_by_channel ON club_meetings (channel, starts_at);
CREATE INDEX club_meetings_due ON club_meetings (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX club_candidates_by_paper ON club_candidates (paper_id);
CREATE INDEX card_counts_due ON card_counts (not_before) WHERE not_before IS NOT NULL;
CREATE INDEX links_by_time ON links (channel, at);
CREATE INDEX papers_unindexed ON papers (n) WHERE indexed <> changes;
CREATE TRIGGER papers_changed AFTER UPDATE OF title, abstract, authors, categories, organization, organization_handle,
    code_url, project_url, comment, journal_ref, listed_at ON papers
    WHEN old.title <> new.title OR old.abstract <> new.abstract OR old.authors <> new.authors
        OR old.categories <> new.categories OR old.organization IS NOT new.organization
        OR old.organization_handle IS NOT new.organization_handle OR old.code_url IS NOT new.code_url
        OR old.project_url IS NOT new.project_url OR old.comment IS NOT new.comment
        OR old.journal_ref IS NOT new.journal_ref OR old.listed_at IS NOT new.listed_at
    BEGIN UPDATE papers SET changes = changes + 1 WHERE n = new.n; END;
CREATE TRIGGER papers_rewritten AFTER UPDATE OF title, abstract ON papers
    WHEN old.title <> new.title OR old.abstract <> new.abstract
    BEGIN DELETE FROM embeddings WHERE n = new.n; END;
CREATE INDEX embeddings_in_tail ON embeddings (model, revision) WHERE length(vector) > 1;
CREATE INDEX papers_by_age ON papers (age_at, id);
CREATE INDEX papers_undescribed ON papers (age_at) WHERE described = 0;
DELETE FROM "sqlite_sequence";
COMMIT;
