package meta_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// eachEmpty runs fn on a store without any table in each database.
func eachEmpty(t *testing.T, fn func(t *testing.T, o meta.Options)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, meta.Options{SQLite: filepath.Join(t.TempDir(), "meta.db")}) })
	t.Run("mysql", func(t *testing.T) { fn(t, meta.Options{MySQL: metatest.EmptyMySQL(t)}) })
}

func connect(t *testing.T, o meta.Options) *meta.DB {
	t.Helper()
	db, err := meta.Connect(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// samples has, for each version, statements that put data into the schema of
// that version. A new migration needs the one of the version before it.
var samples = map[int][]string{
	0: {},
	1: {
		"INSERT INTO entity (name, name_key, kind, org_id, created, deleted) VALUES ('Ada', 'ada', 'user', 0, 1, 0)",
		`INSERT INTO project (entity_id, name, description, access, creator_id, runs, created, updated, deleted)
			SELECT id, 'p', '', 'team', 1, 1, 1, 1, 0 FROM entity`,
		"INSERT INTO run_summary (run, ver, body) VALUES (7, 1, 'x')",
	},
	2: {
		"INSERT INTO alert (run, title, body, severity, wait, created) VALUES (7, 'diverged', 'loss is NaN', 'ERROR', 0, 1)",
		"INSERT INTO summary_base (run, body) VALUES (7, 'x')",
	},
	3: {
		"INSERT INTO file (run, name, store, object, bytes, md5, mime, updated) VALUES (7, 'a.txt', 0, 'runs/7/x', 1, 'm', 'text/plain', 1)",
		"INSERT INTO artifact_use (run_id, artifact_id, output, used_as, created) VALUES (7, 1, 1, '', 1)",
		"INSERT INTO aside (run, kind, gen, row0, nrow, store, object, data, created) VALUES (7, 0, 0, 0, 1, 0, 'history/7/x', NULL, 1)",
	},
	4: {
		`INSERT INTO artifact (collection_id, state, digest, description, metadata, account_id, run_id, client, distributed, step, ttl, wanted, bytes, files, version, manifest_id, created, updated)
			VALUES (1, 'COMMITTED', 'd', '', '', 1, 7, '', '', -1, -1, '[]', 1, 1, 0, 1, 1, 1)`,
		"INSERT INTO content (entity_id, store, algorithm, digest, bytes, object, created) VALUES (1, 0, 0, 'd', 1, 'artifacts/1/x', 1)",
	},
	5: {
		"INSERT INTO branch (run, source, step, nrow, created) VALUES (7, 6, 3, 4, 1)",
	},
	6: {
		"INSERT INTO view_doc (project_id, user_id, editor_id, type, name, display_name, description, spec, rev, created, updated) VALUES (1, 1, 1, 'project-view', 'v', '', '', 'x', 1, 1, 1)",
	},
	7: {
		`INSERT INTO run (project_id, name, display, grp, job_type, notes, tags, account_id, host, program, commit_hash, repo, sweep, config, started, ordinal, created, updated, rev, deleted)
			VALUES (1, 'r', '', '', '', '', '[]', 1, '', '', '', '', '', 'x', 0, 0, 1, 1, 1, 1)`,
		"INSERT INTO artifact_manifest (artifact_id, name, kind, base_id, digest, store, object, created) VALUES (1, 'm', 'FULL', 0, 'd', 0, 'artifacts/1/m/1', 1)",
		"INSERT INTO moved (entity_id, project, run, from_project, project_id, run_id, moved) VALUES (1, 'p', '', 1, 1, 0, 1)",
	},
	8: {
		"UPDATE run SET purged = 2 WHERE name = 'r'",
	},
	9: {
		"INSERT INTO share (project_id, run_id, mac, creator_id, created, expires) VALUES (1, 0, 'm', 1, 1, 0)",
	},
	10: {
		"INSERT INTO artifact_alias (collection_id, alias, artifact_id, created) VALUES (1, 'best', 1, 1)",
	},
	11: {
		"INSERT INTO alias_event (collection_id, artifact_id, alias, given, moment) VALUES (1, 1, 'best', 1, 1)",
	},
	12: {
		"INSERT INTO store (place, created) VALUES ('s3://b/p', 1)",
	},
	13: {
		"INSERT INTO run_part (project_id, part, as_of, runs) VALUES (1, 0, 1, 1)",
	},
	14: {
		"INSERT INTO segment (run, kind, row0, nrow, nvis, level, store, object, bytes, points, step_min, step_max, dir_off, dir_len, dir) VALUES (7, 0, 0, 1, 1, 0, 0, 'history/7/x', 1, 1, 0, 0, 0, 0, NULL)",
	},
	15: {
		"INSERT INTO run_manifest_due (run, mark) VALUES (9, 1)",
	},
	16: {
		"INSERT INTO identity (account_id, digest, issuer, created, last_used) VALUES (1, 'd', 'https://id.example.com', 1, 1)",
	},
	17: {
		`INSERT INTO account (name, name_key, entity_id, email, email_key, full_name, admin, disabled, service, service_team_id, password, created, last_seen, deleted)
			VALUES ('Ada', 'ada', 1, 'ada@example.com', 'ada@example.com', '', 1, 0, 0, 0, '', 1, 0, 0)`,
		"INSERT INTO system_setting (name, held, prior) VALUES ('bucket', 's3://b', '')",
	},
}

// TestMigrateFromEach upgrades each older schema with data in it.
func TestMigrateFromEach(t *testing.T) {
	eachEmpty(t, func(t *testing.T, o meta.Options) {
		ctx := context.Background()
		db := connect(t, o)
		newest, err := db.Versions()
		if err != nil {
			t.Fatal(err)
		}
		for from := range newest {
			fill, ok := samples[from]
			if !ok {
				t.Fatalf("samples has no data for schema %d", from)
			}
			if err := db.MigrateTo(ctx, from); err != nil {
				t.Fatal(err)
			}
			for _, s := range fill {
				if _, err := db.SQL().Exec(s); err != nil {
					t.Fatalf("schema %d: %s: %v", from, s, err)
				}
			}
		}
		if err := db.MigrateTo(ctx, newest); err != nil {
			t.Fatal(err)
		}
		if v, err := db.SchemaVersion(ctx); v != newest || err != nil {
			t.Errorf("schema %d, %v, want %d", v, err, newest)
		}
		if _, err := meta.Open(ctx, o); err != nil {
			t.Errorf("opening without migrating: %v", err)
		}
	})
}

// TestMigrateKilled dies after each statement, before and after it is
// recorded, and goes on from there.
func TestMigrateKilled(t *testing.T) {
	eachEmpty(t, func(t *testing.T, o meta.Options) {
		ctx, died := context.Background(), errors.New("killed")
		db := connect(t, o)
		kills := 0
		for pauses := 1; ; kills++ {
			err := db.MigrateUntil(ctx, pauses, died)
			if err == nil {
				break
			}
			if !errors.Is(err, died) {
				t.Fatalf("after %d kills: %v", kills, err)
			}
			switch {
			case o.SQLite != "": // all of it is undone: die one step later
				pauses++
				if v, err := db.SchemaVersion(ctx); v != 0 || err != nil {
					t.Fatalf("half a migration was kept: %d, %v", v, err)
				}
			default: // every other time the statement is there without its record
				pauses = 3 - pauses
			}
		}
		if kills < 40 {
			t.Errorf("only %d kills", kills)
		}
		clean := connect(t, cleanOptions(t, o))
		if err := clean.MigrateTo(ctx, 1<<20); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(schemaOf(t, clean), schemaOf(t, db)); diff != "" {
			t.Errorf("schema (-clean +killed):\n%s", diff)
		}
		if err := db.MigrateTo(ctx, 1<<20); err != nil {
			t.Errorf("migrating again: %v", err)
		}
	})
}

func cleanOptions(t *testing.T, o meta.Options) meta.Options {
	if o.SQLite != "" {
		return meta.Options{SQLite: filepath.Join(t.TempDir(), "clean.db")}
	}
	return meta.Options{MySQL: metatest.EmptyMySQL(t)}
}

// schemaOf describes every table, column and index.
func schemaOf(t *testing.T, db *meta.DB) []string {
	t.Helper()
	query := `SELECT CONCAT_WS(' ', table_name, column_name, column_type, is_nullable, collation_name) FROM information_schema.columns WHERE table_schema = DATABASE()
		UNION ALL SELECT CONCAT_WS(' ', table_name, index_name, seq_in_index, column_name, non_unique) FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY 1`
	var one int
	if err := db.SQL().QueryRow("SELECT COUNT(*) FROM sqlite_master").Scan(&one); err == nil {
		query = "SELECT name || ' ' || COALESCE(sql, '') FROM sqlite_master ORDER BY 1"
	}
	rows, err := db.SQL().Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s sql.NullString
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s.String)
	}
	if len(all) < 50 {
		t.Fatalf("the schema has only %d parts", len(all))
	}
	return all
}

func TestMigrateRefuses(t *testing.T) {
	eachEmpty(t, func(t *testing.T, o meta.Options) {
		ctx := context.Background()
		if _, err := meta.Open(ctx, o); err == nil || !strings.Contains(err.Error(), "BALLAST_MIGRATE=auto") {
			t.Errorf("an old schema without leave to migrate: %v", err)
		}
		db := connect(t, o)
		if err := db.MigrateTo(ctx, 1<<20); err != nil {
			t.Fatal(err)
		}
		for name, fine := range map[string]bool{"more.expand": true, "less.contract": false} {
			if _, err := db.SQL().Exec("INSERT INTO migration (version, statement, name, applied) VALUES (?, 0, ?, 1)", 900+len(name), name); err != nil {
				t.Fatal(err)
			}
			for _, o.Migrate = range []bool{true, false} {
				newer, err := meta.Open(ctx, o)
				switch {
				case err == nil:
					newer.Close()
					if !fine {
						t.Errorf("opened a store whose newer schema took something away, migrate %v", o.Migrate)
					}
				case fine || !strings.Contains(err.Error(), "newer release"):
					t.Errorf("a newer schema (%s), migrate %v: %v", name, o.Migrate, err)
				}
			}
			if _, err := db.SQL().Exec("DELETE FROM migration WHERE version > 900"); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestMigrateAtOnce starts several replicas on an empty store.
func TestMigrateAtOnce(t *testing.T) {
	eachEmpty(t, func(t *testing.T, o meta.Options) {
		o.Migrate = true
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				db, err := meta.Open(context.Background(), o)
				if err != nil {
					t.Error(err)
					return
				}
				db.Close()
			})
		}
		wg.Wait()
	})
}

// TestMigrateWaits: while one holds the lock another does not begin.
func TestMigrateWaits(t *testing.T) {
	eachEmpty(t, func(t *testing.T, o meta.Options) {
		first, second := connect(t, o), connect(t, o)
		unlock, err := first.LockSchema(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- second.MigrateTo(context.Background(), 1<<20) }()
		select {
		case err := <-done:
			t.Fatalf("migrated under another's lock: %v", err)
		case <-time.After(200 * time.Millisecond):
		}
		if err := unlock(false); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}

func TestOpenRefusesDSN(t *testing.T) {
	_, err := meta.Open(context.Background(), meta.Options{MySQL: "root:hunter2@nowhere"})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v: want an error without the password", err)
	}
	_, err = meta.Open(context.Background(), meta.Options{SQLite: filepath.Join(t.TempDir(), "no", "folder", "x.db")})
	if err == nil || ballast.Is(err, ballast.NotFound) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
