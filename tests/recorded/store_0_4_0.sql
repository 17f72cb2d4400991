BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'paperboy','m001_papers_and_signals','2026-11-27 05:11:54.036885+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'paperboy','m002_channels_digests_and_the_ledger','2026-11-27 05:11:54.045973+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'paperboy','m003_people','2026-11-27 05:11:54.051561+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'paperboy','m004_secrets','2026-11-27 05:11:54.053142+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'paperboy','m005_notes','2026-11-27 05:11:54.059320+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'paperboy','m006_departed','2026-11-27 05:11:54.061159+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'paperboy','m007_index','2026-11-27 05:11:54.067567+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'paperboy','m008_profile','2026-11-27 05:11:54.072789+00:00');
INSERT INTO "_sqlite_migrations" VALUES(9,'paperboy','m009_mail','2026-11-27 05:11:54.076000+00:00');
INSERT INTO "_sqlite_migrations" VALUES(10,'paperboy','m010_written_summaries','2026-11-27 05:11:54.081100+00:00');
CREATE TABLE deliveries (
    channel TEXT NOT NULL, day TEXT NOT NULL, slot INTEGER NOT NULL, state TEXT NOT NULL, ref TEXT, paper_id TEXT,
    attempts INTEGER NOT NULL DEFAULT 0, claimed_at REAL, posted_at REAL, reason TEXT,
    PRIMARY KEY (channel, day, slot)
) WITHOUT ROWID;
INSERT INTO "deliveries" VALUES('slack:T1/C1','2025-11-24',0,'posted','r0',NULL,1,1763974800.0,1763974800.0,NULL);
CREATE TABLE departed (place TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE digests (
    channel TEXT NOT NULL, day TEXT NOT NULL, outcome TEXT NOT NULL,
    due_at REAL NOT NULL,
    chosen_at REAL NOT NULL, since REAL NOT NULL,
    topics TEXT NOT NULL, style TEXT NOT NULL, quiet TEXT NOT NULL, thinned INTEGER NOT NULL, faults TEXT NOT NULL,
    state TEXT NOT NULL,                          
    not_before REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, reason TEXT,
    PRIMARY KEY (channel, day)
);
INSERT INTO "digests" VALUES('slack:T1/C1','2025-11-24','picked',1763974800.0,1763974800.0,1763888400.0,'["video"]','thread','say',0,'[]','open',1763974800.0,0,NULL);
CREATE TABLE embeddings (
    n INTEGER PRIMARY KEY REFERENCES papers (n) ON DELETE CASCADE, model TEXT NOT NULL, revision INTEGER NOT NULL,
    vector BLOB NOT NULL
);
CREATE TABLE gestures (
    channel TEXT NOT NULL, user TEXT NOT NULL, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE,
    gesture TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (channel, user, paper_id, gesture)
) WITHOUT ROWID;
CREATE TABLE greeted (channel TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE index_orders (
    n INTEGER PRIMARY KEY REFERENCES papers (n) ON DELETE CASCADE, stems BLOB NOT NULL
);
INSERT INTO "index_orders" VALUES(1,X'265F6C557FCDFDF300000000000000000000000000000000000000000000000000000000000000003D73E8DA265F6C55');
CREATE TABLE index_packs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, size INTEGER NOT NULL, keys BLOB NOT NULL, starts BLOB NOT NULL,
    papers BLOB NOT NULL, counts BLOB NOT NULL, numbers BLOB NOT NULL, lengths BLOB NOT NULL, vocabulary TEXT NOT NULL
);
CREATE TABLE index_revision (value INTEGER NOT NULL);
INSERT INTO "index_revision" VALUES(2);
CREATE TABLE index_tail (
    n INTEGER PRIMARY KEY REFERENCES papers (n) ON DELETE CASCADE,
    title TEXT NOT NULL, abstract TEXT NOT NULL, authors TEXT NOT NULL
);
INSERT INTO "index_tail" VALUES(1,'video diffus','studi video','ada example');
CREATE TABLE mail_asks (who TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE mail_subscribers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL,
    name TEXT NOT NULL UNIQUE,                    
    wish TEXT NOT NULL,                           
    asked_at REAL NOT NULL, confirmed_at REAL, bounces INTEGER NOT NULL DEFAULT 0,
    letter TEXT,                                  
    not_before REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0
);
INSERT INTO "mail_subscribers" VALUES(1,'Ada@example.org','ada@example.org','{"topics": "video"}',1763974800.0,NULL,0,'waiting',1763974800.0,0);
CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL);
INSERT INTO "notes" VALUES('discord menu','abc');
CREATE TABLE notices (
    id INTEGER PRIMARY KEY, recipient TEXT NOT NULL, about TEXT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL,
    text TEXT NOT NULL, state TEXT NOT NULL, not_before REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    claimed_at REAL, UNIQUE (recipient, about, kind, day)
);
CREATE TABLE observations (
    series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE, seen_at REAL NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (series_id, seen_at)
) WITHOUT ROWID;
INSERT INTO "observations" VALUES(1,1763974800.0,5.0);
CREATE TABLE papers (
    n INTEGER PRIMARY KEY,                        
    id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, abstract TEXT NOT NULL DEFAULT '', authors TEXT NOT NULL DEFAULT '[]',
    published_at REAL, listed_at REAL, first_seen REAL NOT NULL, categories TEXT NOT NULL DEFAULT '[]',
    organization TEXT, code_url TEXT, project_url TEXT, comment TEXT, journal_ref TEXT, doi TEXT,
    version INTEGER, withdrawn INTEGER NOT NULL DEFAULT 0, tldr TEXT NOT NULL DEFAULT '',
    text_from TEXT NOT NULL,                      
    described INTEGER NOT NULL DEFAULT 0,         
    age_at REAL GENERATED ALWAYS AS (coalesce(listed_at, first_seen)) STORED
, tldr_by TEXT NOT NULL DEFAULT '', tldr_tries INTEGER NOT NULL DEFAULT 0);
INSERT INTO "papers" VALUES(1,'2511.00001','Video diffusion','We study video.','["Ada Example"]',NULL,1763974800.0,1763974800.0,'[]',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'','huggingface',2,'',0);
CREATE TABLE picks (
    channel TEXT NOT NULL, day TEXT NOT NULL, position INTEGER NOT NULL,
    paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE, reason TEXT NOT NULL, topics TEXT NOT NULL,
    trend TEXT NOT NULL,                          
    shown INTEGER NOT NULL DEFAULT 1, liked TEXT NOT NULL DEFAULT '[]', close_to TEXT NOT NULL DEFAULT '[]',             
    PRIMARY KEY (day, channel, position),         
    FOREIGN KEY (channel, day) REFERENCES digests (channel, day) ON DELETE CASCADE
) WITHOUT ROWID;
INSERT INTO "picks" VALUES('slack:T1/C1','2025-11-24',1,'2511.00001','topic','["video"]','[1.0, 1.0, "r", [], 0.0]',1,'[]','[]');
CREATE TABLE profiles (channel TEXT PRIMARY KEY, profile TEXT NOT NULL, changed_at REAL NOT NULL);
INSERT INTO "profiles" VALUES('slack:T1/C1','{"words": ["agent"], "papers": []}',1763974800.0);
CREATE TABLE reactions (
    channel TEXT NOT NULL, user TEXT NOT NULL, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE,
    value INTEGER NOT NULL, reacted_at REAL NOT NULL, PRIMARY KEY (channel, user, paper_id)
) WITHOUT ROWID;
INSERT INTO "reactions" VALUES('slack:T1/C1','slack:T1/U1','2511.00001',1,1763974800.0);
CREATE TABLE saves (
    user TEXT NOT NULL, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE, saved_at REAL NOT NULL,
    PRIMARY KEY (user, paper_id)
) WITHOUT ROWID;
INSERT INTO "saves" VALUES('slack:T1/U1','2511.00001',1763974800.0);
CREATE TABLE secrets (name TEXT PRIMARY KEY, sealed BLOB NOT NULL);
INSERT INTO "secrets" VALUES('slack/team/T1',X'6741414141414272435245614337315F61353150422D2D635165754F343976456D73716A6D446B69396265587642556D325241303363593075504159704A594D483956463146365537592D31544E552D754845714D55316A39567232415045772D413D3D');
CREATE TABLE series (
    id INTEGER PRIMARY KEY, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE ON DELETE CASCADE,
    source TEXT NOT NULL, kind TEXT NOT NULL, value REAL NOT NULL, seen_at REAL NOT NULL,
    UNIQUE (paper_id, source, kind)
);
INSERT INTO "series" VALUES(1,'2511.00001','huggingface','upvotes',5.0,1763974800.0);
CREATE TABLE sources (
    source TEXT PRIMARY KEY, tried_at REAL NOT NULL, succeeded_at REAL, papers INTEGER NOT NULL DEFAULT 0,
    signals INTEGER NOT NULL DEFAULT 0, fault TEXT
);
INSERT INTO "sources" VALUES('huggingface',1763974800.0,1763974800.0,1,1,NULL);
CREATE TABLE subscriptions (
    channel TEXT PRIMARY KEY, topics TEXT NOT NULL, mutes TEXT NOT NULL, size INTEGER NOT NULL, at TEXT NOT NULL,
    timezone TEXT NOT NULL, days TEXT NOT NULL, style TEXT NOT NULL, quiet TEXT NOT NULL, set_by TEXT, set_at REAL,
    last_at REAL, next_due REAL, paused_at REAL, paused_until REAL, pause_reason TEXT
);
INSERT INTO "subscriptions" VALUES('slack:T1/C1','["video"]','[]',5,'09:00','UTC','[0, 1, 2, 3, 4, 5, 6]','thread','say','slack:T1/U1',1763974800.0,1763974800.0,1763974800.0,NULL,NULL,NULL);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX papers_by_age ON papers (age_at);
CREATE INDEX papers_by_doi ON papers (doi) WHERE doi IS NOT NULL;
CREATE INDEX papers_undescribed ON papers (described) WHERE described = 0;
CREATE INDEX subscriptions_due ON subscriptions (next_due) WHERE paused_at IS NULL;
CREATE INDEX subscriptions_resuming ON subscriptions (paused_until) WHERE paused_until IS NOT NULL;
CREATE INDEX digests_open ON digests (not_before) WHERE state = 'open';
CREATE INDEX picks_by_paper ON picks (paper_id, channel, shown) WHERE shown = 1;
CREATE INDEX deliveries_by_ref ON deliveries (channel, ref) WHERE ref IS NOT NULL;
CREATE INDEX notices_open ON notices (not_before) WHERE state IN ('open', 'claimed');
CREATE INDEX papers_unsummarised ON papers (age_at) WHERE described = 1;
CREATE INDEX embeddings_by_model ON embeddings (model, revision);
CREATE INDEX mail_letters ON mail_subscribers (not_before) WHERE letter = 'waiting';
CREATE INDEX mail_asks_by_who ON mail_asks (who, at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('mail_subscribers',1);
COMMIT;
