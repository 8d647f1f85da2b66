package inbox

// schema holds, for each version, the statements that lead to it from the one before.
// A published version never changes; a new one is appended.
var schema = [][]string{{
	`CREATE TABLE {t} (
		id          {serial},
		feed        {text}   NOT NULL,
		key         {bytes}  NOT NULL,
		slot        {bytes},
		grp         {text},
		changed_at  {text}   NOT NULL,
		received_at BIGINT   NOT NULL,
		raw         {bytes}  NOT NULL,
		problem     {text},
		state       SMALLINT NOT NULL,
		attempts    INTEGER  NOT NULL DEFAULT 0,
		late        SMALLINT NOT NULL DEFAULT 0,
		amended     SMALLINT NOT NULL DEFAULT 0,
		last_error  {text},
		settled_at  BIGINT
	)`,
	`CREATE UNIQUE INDEX {t}_key ON {t} (key, feed)`,
	`CREATE INDEX {t}_slot ON {t} (slot, feed) WHERE slot IS NOT NULL`,
	`CREATE INDEX {t}_waiting ON {t} (feed, grp, changed_at, id) WHERE state = 0`,
	`CREATE INDEX {t}_aside ON {t} (feed, state) WHERE state IN (2, 3)`,
	`CREATE INDEX {t}_settled ON {t} (settled_at) WHERE settled_at IS NOT NULL`,
	// due_at is when a group may be claimed, and so also its pause and its lease; null
	// when nothing waits in it or it is held.
	`CREATE TABLE {t}_groups (
		feed       {text}   NOT NULL,
		grp        {text}   NOT NULL,
		newest     {text}   NOT NULL DEFAULT '',
		due_at     BIGINT,
		fence      BIGINT   NOT NULL DEFAULT 0,
		held       SMALLINT NOT NULL DEFAULT 0,
		settled_at BIGINT   NOT NULL DEFAULT 0,
		PRIMARY KEY (feed, grp)
	){rowless}`,
	`CREATE INDEX {t}_due ON {t}_groups (feed, due_at) WHERE due_at IS NOT NULL`,
	`CREATE INDEX {t}_held ON {t}_groups (feed) WHERE held = 1`,
}}
