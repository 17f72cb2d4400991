BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'paperboy','m001_papers_and_signals','2026-11-27 18:54:48.547331+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'paperboy','m002_channels_digests_and_the_ledger','2026-11-27 18:54:48.548522+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'paperboy','m003_people','2026-11-27 18:54:48.549231+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'paperboy','m004_secrets','2026-11-27 18:54:48.549765+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'paperboy','m005_notes','2026-11-27 18:54:48.550236+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'paperboy','m006_departed','2026-11-27 18:54:48.550832+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'paperboy','m007_index','2026-11-27 18:54:48.551963+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'paperboy','m008_profile','2026-11-27 18:54:48.555721+00:00');
INSERT INTO "_sqlite_migrations" VALUES(9,'paperboy','m009_mail','2026-11-27 18:54:48.556399+00:00');
INSERT INTO "_sqlite_migrations" VALUES(10,'paperboy','m010_written_summaries','2026-11-27 18:54:48.557436+00:00');
INSERT INTO "_sqlite_migrations" VALUES(11,'paperboy','m011_skipped_items','2026-11-27 18:54:48.558497+00:00');
INSERT INTO "_sqlite_migrations" VALUES(12,'paperboy','m012_more_authors','2026-11-27 18:54:48.559223+00:00');
INSERT INTO "_sqlite_migrations" VALUES(13,'paperboy','m013_conditions','2026-11-27 18:54:48.563213+00:00');
INSERT INTO "_sqlite_migrations" VALUES(14,'paperboy','m014_listed_on','2026-11-27 18:54:48.564046+00:00');
INSERT INTO "_sqlite_migrations" VALUES(15,'paperboy','m015_turns_of_letters','2026-11-27 18:54:48.564750+00:00');
INSERT INTO "_sqlite_migrations" VALUES(16,'paperboy','m016_departed_by_proof','2026-11-27 18:54:48.565223+00:00');
INSERT INTO "_sqlite_migrations" VALUES(17,'paperboy','m017_used_names','2026-11-27 18:54:48.565757+00:00');
INSERT INTO "_sqlite_migrations" VALUES(18,'paperboy','m018_organization_handles','2026-11-27 18:54:48.566587+00:00');
CREATE TABLE deliveries (
    channel TEXT NOT NULL, day TEXT NOT NULL, slot INTEGER NOT NULL, state TEXT NOT NULL, ref TEXT, paper_id TEXT,
    attempts INTEGER NOT NULL DEFAULT 0, claimed_at REAL, posted_at REAL, reason TEXT,
    PRIMARY KEY (channel, day, slot)
) WITHOUT ROWID;
INSERT INTO "deliveries" VALUES('slack:T1/C1','2025-11-24',0,'posted','r0',NULL,1,1763974800.0,1763974800.0,NULL);
INSERT INTO "deliveries" VALUES('slack:T1/C1','2025-11-24',1,'posted','r1','2511.00001',1,1763974800.0,1763974800.0,NULL);
INSERT INTO "deliveries" VALUES('slack:T1/C1','2025-11-25',0,'lost',NULL,NULL,1,1764061200.0,NULL,'nobody can tell');
INSERT INTO "deliveries" VALUES('slack:T1/C1','2025-11-26',0,'claimed',NULL,NULL,1,1764147600.0,NULL,NULL);
CREATE TABLE departed (place TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE digests (
    channel TEXT NOT NULL, day TEXT NOT NULL, outcome TEXT NOT NULL,
    due_at REAL NOT NULL,
    chosen_at REAL NOT NULL, since REAL NOT NULL,
    topics TEXT NOT NULL, style TEXT NOT NULL, quiet TEXT NOT NULL, thinned INTEGER NOT NULL, faults TEXT NOT NULL,
    state TEXT NOT NULL,                          
    not_before REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, reason TEXT, listed_on TEXT,
    PRIMARY KEY (channel, day)
);
INSERT INTO "digests" VALUES('slack:T1/C1','2025-11-24','picked',1763974800.0,1763974800.0,1763888400.0,'["video"]','thread','say',0,'[]','done',1763974800.0,0,NULL,NULL);
INSERT INTO "digests" VALUES('slack:T1/C1','2025-11-25','picked',1764061200.0,1764061200.0,1763974800.0,'["video"]','thread','say',0,'[]','abandoned',1764061200.0,0,'nobody can tell','2025-11-26');
INSERT INTO "digests" VALUES('slack:T1/C1','2025-11-26','picked',1764147600.0,1764147600.0,1764061200.0,'["video"]','compact','say',0,'[]','open',1764147600.0,0,NULL,NULL);
CREATE TABLE embeddings (
    n INTEGER PRIMARY KEY REFERENCES papers (n) ON DELETE CASCADE, model TEXT NOT NULL, revision INTEGER NOT NULL,
    vector BLOB NOT NULL
);
CREATE TABLE gestures (
    channel TEXT NOT NULL, user TEXT NOT NULL, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE,
    gesture TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (channel, user, paper_id, gesture)
) WITHOUT ROWID;
INSERT INTO "gestures" VALUES('slack:T1/C1','slack:T1/U1','2511.00002','share',1763974800.0);
CREATE TABLE greeted (channel TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE index_orders (
    n INTEGER PRIMARY KEY REFERENCES papers (n) ON DELETE CASCADE, stems BLOB NOT NULL
);
INSERT INTO "index_orders" VALUES(1,X'265F6C557FCDFDF300000000000000000000000000000000000000000000000000000000000000003D73E8DA265F6C557FCDFDF3');
INSERT INTO "index_orders" VALUES(2,X'64D6ECC100000000000000000000000000000000000000000000000000000000000000003D73E8DA64D6ECC1');
INSERT INTO "index_orders" VALUES(3,X'C5FE8E6500000000000000000000000000000000000000000000000000000000000000003D73E8DAC5FE8E65');
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
INSERT INTO "index_tail" VALUES(1,'video diffus','studi video diffus','ada example');
INSERT INTO "index_tail" VALUES(2,'agent','studi agent','ada example');
INSERT INTO "index_tail" VALUES(3,'speech','studi speech','ada example');
CREATE TABLE mail_asks (who TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE mail_subscribers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL,
    name TEXT NOT NULL UNIQUE,                    
    wish TEXT NOT NULL,                           
    asked_at REAL NOT NULL, confirmed_at REAL, bounces INTEGER NOT NULL DEFAULT 0,
    letter TEXT,                                  
    not_before REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0
, turn INTEGER NOT NULL DEFAULT 0);
INSERT INTO "mail_subscribers" VALUES(1,'Ada@example.org','ada@example.org','{"topics": "video"}',1763974800.0,NULL,0,'waiting',1763974800.0,0,0);
CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL);
INSERT INTO "notes" VALUES('discord menu','abc');
CREATE TABLE notices (
    id INTEGER PRIMARY KEY, recipient TEXT NOT NULL, about TEXT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL,
    text TEXT NOT NULL, state TEXT NOT NULL, not_before REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    claimed_at REAL, UNIQUE (recipient, about, kind, day)
);
INSERT INTO "notices" VALUES(1,'slack:T1/U1','slack:T1/C1','skipped','2025-11-25','Skipped.','open',1764061200.0,0,NULL);
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
, tldr_by TEXT NOT NULL DEFAULT '', tldr_tries INTEGER NOT NULL DEFAULT 0, more_authors INTEGER NOT NULL DEFAULT 0, organization_handle TEXT);
INSERT INTO "papers" VALUES(1,'2511.00001','Video diffusion','We study Video diffusion.','["Ada Example"]',NULL,1763974800.0,1763974800.0,'[]',NULL,NULL,NULL,'ACL',NULL,NULL,NULL,0,'','huggingface',2,'',0,3,NULL);
INSERT INTO "papers" VALUES(2,'2511.00002','Agents','We study Agents.','["Ada Example"]',NULL,1763974800.0,1763974800.0,'[]',NULL,NULL,NULL,'ACL',NULL,NULL,NULL,0,'','huggingface',2,'',0,3,NULL);
INSERT INTO "papers" VALUES(3,'2511.00003','Speech','We study Speech.','["Ada Example"]',NULL,1763974800.0,1763974800.0,'[]',NULL,NULL,NULL,'ACL',NULL,NULL,NULL,0,'','huggingface',2,'',0,3,NULL);
CREATE TABLE picks (
    channel TEXT NOT NULL, day TEXT NOT NULL, position INTEGER NOT NULL,
    paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE, reason TEXT NOT NULL, topics TEXT NOT NULL,
    trend TEXT NOT NULL,                          
    shown INTEGER NOT NULL DEFAULT 1, liked TEXT NOT NULL DEFAULT '[]', close_to TEXT NOT NULL DEFAULT '[]',             
    PRIMARY KEY (day, channel, position),         
    FOREIGN KEY (channel, day) REFERENCES digests (channel, day) ON DELETE CASCADE
) WITHOUT ROWID;
INSERT INTO "picks" VALUES('slack:T1/C1','2025-11-24',1,'2511.00001','topic','["video"]','[1.0, 1.0, "r", [["huggingface", "upvotes", 5, 1763974800.0, 2, 1763888400.0, 0.5]], 0.0]',1,'["agent"]','[]');
INSERT INTO "picks" VALUES('slack:T1/C1','2025-11-25',1,'2511.00002','topic','["video"]','[1.0, 1.0, "r", [["huggingface", "upvotes", 5, 1764061200.0, 2, 1763974800.0, 0.5]], 0.0]',1,'["agent"]','[]');
INSERT INTO "picks" VALUES('slack:T1/C1','2025-11-26',1,'2511.00003','topic','["video"]','[1.0, 1.0, "r", [["huggingface", "upvotes", 5, 1764147600.0, 2, 1764061200.0, 0.5]], 0.0]',1,'["agent"]','[]');
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
INSERT INTO "secrets" VALUES('slack/team/T1',X'674141414141427243644834326545504366334430516C79666C67515A4631763664463256784E50526B79435F506C543133367056552D42574B3644344C385F784D563056617074775A7067306E5179666A6F3074624D6A454556546D676C6165673D3D');
CREATE TABLE series (
    id INTEGER PRIMARY KEY, paper_id TEXT NOT NULL REFERENCES papers (id) ON UPDATE CASCADE ON DELETE CASCADE,
    source TEXT NOT NULL, kind TEXT NOT NULL, value REAL NOT NULL, seen_at REAL NOT NULL,
    UNIQUE (paper_id, source, kind)
);
INSERT INTO "series" VALUES(1,'2511.00001','huggingface','upvotes',5.0,1763974800.0);
CREATE TABLE sources (
    source TEXT PRIMARY KEY, tried_at REAL NOT NULL, succeeded_at REAL, papers INTEGER NOT NULL DEFAULT 0,
    signals INTEGER NOT NULL DEFAULT 0, fault TEXT
, skipped INTEGER NOT NULL DEFAULT 0, skipped_items TEXT NOT NULL DEFAULT '[]');
INSERT INTO "sources" VALUES('huggingface',1763974800.0,1763974800.0,1,1,NULL,0,'[]');
CREATE TABLE subscriptions (
    channel TEXT PRIMARY KEY, topics TEXT NOT NULL, mutes TEXT NOT NULL, size INTEGER NOT NULL, at TEXT NOT NULL,
    timezone TEXT NOT NULL, days TEXT NOT NULL, style TEXT NOT NULL, quiet TEXT NOT NULL, set_by TEXT, set_at REAL,
    last_at REAL, next_due REAL, paused_at REAL, paused_until REAL, pause_reason TEXT
);
INSERT INTO "subscriptions" VALUES('slack:T1/C1','["video", "zürich — “x”", "agents"]','["medical", "cat:cs.CV"]',3,'09:00','UTC','[0, 1, 2, 3, 4, 5, 6]','thread','say','slack:T1/U1',1763974800.0,1764147600.0,1764234000.0,NULL,NULL,NULL);
INSERT INTO "subscriptions" VALUES('discord:1/2','[]','[]',5,'09:00','UTC','[0, 1, 2, 3, 4, 5, 6]','thread','say',NULL,NULL,NULL,NULL,1763974800.0,NULL,'it was archived');
CREATE TABLE used_names (name TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
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
CREATE INDEX series_by_upvotes ON series (value, paper_id) WHERE kind = 'upvotes';
CREATE INDEX digests_missed ON digests (channel, day) WHERE state = 'abandoned' AND listed_on IS NULL;
CREATE INDEX digests_listed ON digests (channel, listed_on) WHERE listed_on IS NOT NULL;
CREATE INDEX papers_by_condition ON papers
    (age_at, id, categories, organization, organization_handle, code_url, project_url, comment, journal_ref);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('mail_subscribers',1);
COMMIT;
