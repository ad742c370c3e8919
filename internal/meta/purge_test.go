package meta_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// tablesOf counts the rows of every table whose column has a value.
func tablesOf(t *testing.T, db *meta.DB, column string, value int64) map[string]int {
	t.Helper()
	tables := []string{"segment", "console_block", "file", "upload", "aside", "history_export", "tail", "console", "gap", "hist_stream", "hist_session",
		"run_summary", "run_system", "summary_base", "summary_state", "alert", "branch", "hist", "run"}
	counts := map[string]int{}
	for _, table := range tables {
		col := column
		if table == "run" {
			col = "id"
		}
		var n int
		if err := db.SQL().QueryRow("SELECT COUNT(*) FROM "+table+" WHERE "+col+" = ?", value).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			counts[table] = n
		}
	}
	return counts
}

// fillRun puts a row into every table that holds something of a run.
func fillRun(t *testing.T, db *meta.DB, run int64) {
	t.Helper()
	for _, s := range []string{
		"INSERT INTO segment (run, kind, row0, nrow, nvis, level, store, object, bytes, points, step_min, step_max, dir_off, dir_len) VALUES (%d, 0, 0, 1, 1, 0, 0, 'history/%[1]d/a', 1, 1, 0, 0, 0, 0)",
		"INSERT INTO console_block (run, line0, line_count, seq, store, object, off, len, levels, time_min, time_max) VALUES (%d, 0, 1, 1, 0, 'console/%[1]d/a', 0, 1, 0, 0, 0)",
		"INSERT INTO file (run, name, store, object, bytes, md5, mime, updated) VALUES (%d, 'f', 0, 'runs/%[1]d/a', 1, 'x', '', 1)",
		"INSERT INTO upload (object, store, run, name, created) VALUES ('runs/%[1]d/b', 0, %[1]d, 'g', 1)",
		"INSERT INTO aside (run, kind, gen, row0, nrow, store, object, created) VALUES (%d, 0, 0, 0, 1, 0, 'history/%[1]d/b', 1)",
		"INSERT INTO history_export (run, part, gen, nrow, store, object, bytes, used) VALUES (%d, 0, 0, 1, 0, 'exports/%[1]d/a', 1, 1)",
		"INSERT INTO tail (run, kind, row0, nrow, data) VALUES (%d, 0, 1, 1, 'x')",
		"INSERT INTO console (run, seq, line0, line_count, data) VALUES (%d, 1, 0, 1, 'x')",
		"INSERT INTO gap (run, kind, line0, line_count, noted) VALUES (%d, 0, 5, 1, 1)",
		"INSERT INTO hist_stream (run, kind, writer, line_count) VALUES (%d, 0, 'w', 1)",
		"INSERT INTO hist_session (run, kind, gen, base, row0, first_hash, next_line, ended) VALUES (%d, 0, 0, 0, 0, 0, 0, 0)",
		"INSERT INTO run_summary (run, ver, body) VALUES (%d, 1, 'x')",
		"INSERT INTO run_system (run, ver, body) VALUES (%d, 1, 'x')",
		"INSERT INTO summary_base (run, body) VALUES (%d, 'x')",
		"INSERT INTO summary_state (run, body) VALUES (%d, 'x')",
		"INSERT INTO alert (run, title, body, severity, wait, created) VALUES (%d, 't', '', 'INFO', 0, 1)",
		"INSERT INTO branch (run, source, step, nrow, created) VALUES (%d, 1, 0, 0, 1)",
		"INSERT INTO object (name, store, bytes, created) VALUES ('history/%d/a', 0, 1, 1)",
		"INSERT INTO object (name, store, bytes, created) VALUES ('runs/%d/a', 0, 1, 1)",
	} {
		s = strings.NewReplacer("%[1]d", fmt.Sprint(run), "%d", fmt.Sprint(run)).Replace(s)
		if _, err := db.SQL().Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestPurge(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		ctx := context.Background()
		now := time.Now()
		write := func(fn func(*meta.Tx) error) error { return db.Write(ctx, "the test", fn) }
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		var team, project, kept, gone int64
		must(write(func(tx *meta.Tx) error {
			e, err := tx.CreateEntity("team", ballast.Team, 0)
			if err != nil {
				return err
			}
			p, _, err := tx.EnsureProject(e.ID, "p", 0, now)
			if err != nil {
				return err
			}
			team, project = e.ID, p.ID
			for i, id := range []*int64{&kept, &gone} {
				r, err := tx.CreateRun(ballast.Run{ProjectID: p.ID, Name: fmt.Sprint("r", i), Notes: "secret"})
				if err != nil {
					return err
				}
				*id = r.ID
			}
			return tx.DeleteRun(gone, now.Add(-time.Hour))
		}))
		fillRun(t, db, kept)
		fillRun(t, db, gone)
		whole := tablesOf(t, db, "run", kept)
		if len(whole) != 19 {
			t.Fatalf("the sample misses a table: %v", whole)
		}
		purge := func(id int64, before time.Time) error {
			return write(func(tx *meta.Tx) error { return tx.PurgeRun(id, before, now) })
		}
		must(purge(kept, now))                   // it is not deleted
		must(purge(gone, now.Add(-2*time.Hour))) // its window is open
		for _, id := range []int64{kept, gone} {
			if d := cmp.Diff(whole, tablesOf(t, db, "run", id)); d != "" {
				t.Fatalf("run %d lost rows (-want +got):\n%s", id, d)
			}
		}
		must(db.Read(ctx, func(tx *meta.Tx) error {
			due, err := tx.PurgeDue(now, 10)
			if d := cmp.Diff([]int64{gone}, due); d != "" {
				t.Errorf("due (-want +got):\n%s", d)
			}
			return err
		}))
		must(purge(gone, now))
		if d := cmp.Diff(map[string]int{"hist": 1, "run": 1}, tablesOf(t, db, "run", gone)); d != "" {
			t.Errorf("after the purge (-want +got):\n%s", d)
		}
		if d := cmp.Diff(whole, tablesOf(t, db, "run", kept)); d != "" {
			t.Errorf("the other run (-want +got):\n%s", d)
		}
		var created int64
		must(db.SQL().QueryRow("SELECT created FROM object WHERE name = ?", fmt.Sprintf("history/%d/a", gone)).Scan(&created))
		if created != now.UnixMicro() {
			t.Error("the collector's grace does not begin with the purge")
		}
		err := write(func(tx *meta.Tx) error { return tx.UndeleteRun(gone) })
		if !ballast.Is(err, ballast.Gone) || !strings.Contains(err.Error(), "for good") {
			t.Errorf("bringing a purged run back: %v", err)
		}
		err = write(func(tx *meta.Tx) error {
			_, err := tx.CreateRun(ballast.Run{ProjectID: project, Name: "r1"})
			return err
		})
		if !ballast.Is(err, ballast.Conflict) {
			t.Errorf("a purged run's name was used again: %v", err)
		}
		purgeTeam(t, db, team, project, kept, now)
	})
}

// purgeTeam deletes the team and purges what it had.
func purgeTeam(t *testing.T, db *meta.DB, team, project, run int64, now time.Time) {
	t.Helper()
	ctx := context.Background()
	for _, s := range []string{
		"INSERT INTO artifact_type (project_id, name, description, created) VALUES (%[2]d, 'd', '', 1)",
		`INSERT INTO artifact_collection (project_id, type_id, portfolio, name, description, client, versions, created, updated, deleted) VALUES (%[2]d, 1, 0, 'c', '', '', 1, 1, 1, 0)`,
		`INSERT INTO artifact (collection_id, state, digest, description, metadata, account_id, run_id, client, distributed, step, ttl, wanted, bytes, files, version, manifest_id, created, updated)
			SELECT id, 'COMMITTED', 'd', '', '', 1, 7, '', '', -1, -1, '[]', 1, 1, 0, 1, 1, 1 FROM artifact_collection`,
		"INSERT INTO artifact_manifest (artifact_id, name, kind, base_id, digest, store, object, created) SELECT id, 'm', 'FULL', 0, '0123456789abcdef', 0, 'artifacts/%[1]d/m/1', 1 FROM artifact",
		"INSERT INTO artifact_member (collection_id, artifact_id, version, created) SELECT collection_id, id, 0, 1 FROM artifact",
		"INSERT INTO content (entity_id, store, algorithm, digest, bytes, object, created) VALUES (%[1]d, 0, 0, 'd', 1, 'artifacts/%[1]d/x', 1)",
		"INSERT INTO view_doc (project_id, user_id, editor_id, type, name, display_name, description, spec, rev, created, updated) VALUES (%[2]d, 1, 1, 'v', 'v', '', '', 'x', 1, 1, 1)",
		"INSERT INTO moved (entity_id, project, run, from_project, project_id, run_id, moved) VALUES (%[1]d, 'old', '', %[2]d, %[2]d, 0, 1)",
	} {
		s = strings.NewReplacer("%[1]d", fmt.Sprint(team), "%[2]d", fmt.Sprint(project)).Replace(s)
		if _, err := db.SQL().Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	later := now.Add(time.Hour)
	steps := []struct {
		name string
		fn   func(tx *meta.Tx) error
	}{
		{"delete", func(tx *meta.Tx) error { return tx.DeleteEntity(team) }},
		{"runs", func(tx *meta.Tx) error {
			due, err := tx.PurgeDue(later, 10)
			if d := cmp.Diff([]int64{run}, due); d != "" {
				t.Errorf("runs due (-want +got):\n%s", d)
			}
			if early, _ := tx.PurgedProjects(later, 10); len(early) > 0 {
				t.Error("a project is purged before its runs")
			}
			if err != nil {
				return err
			}
			return tx.PurgeRun(run, later, later)
		}},
		{"projects", func(tx *meta.Tx) error {
			due, err := tx.PurgedProjects(later, 10)
			if d := cmp.Diff([]int64{project}, due); d != "" {
				t.Errorf("projects due (-want +got):\n%s", d)
			}
			if early, _ := tx.PurgedEntities(later); len(early) > 0 {
				t.Error("contents are purged before the projects")
			}
			if err != nil {
				return err
			}
			return tx.PurgeProject(project, later)
		}},
		{"contents", func(tx *meta.Tx) error {
			due, err := tx.PurgedEntities(later)
			if d := cmp.Diff([]int64{team}, due); d != "" {
				t.Errorf("entities due (-want +got):\n%s", d)
			}
			if err != nil {
				return err
			}
			return tx.PurgeContents(team, later)
		}},
	}
	for _, s := range steps {
		if err := db.Write(ctx, s.name, s.fn); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
	}
	for _, table := range []string{"run", "hist", "artifact_type", "artifact_collection", "artifact", "artifact_manifest", "artifact_member", "content", "view_doc", "moved"} {
		var n int
		if err := db.SQL().QueryRow("SELECT COUNT(*) FROM " + table).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s has %d rows (%v)", table, n, err)
		}
	}
	err := db.Write(ctx, "garbage", func(tx *meta.Tx) error {
		garbage, _, err := tx.Garbage(later.Add(time.Second), "", 100)
		var names []string
		for _, o := range garbage {
			names = append(names, o.Name)
		}
		if text := strings.Join(names, " "); !strings.Contains(text, "/m/1") || !strings.Contains(text, "/x") || !strings.Contains(text, "history/") {
			t.Errorf("the collector's: %s", text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
