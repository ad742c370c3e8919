package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/queue"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
)

func TestAdminJobs(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	must(t, data, "", "user", "create", "ada", "--email", "ada@example.com")
	db, err := meta.Open(t.Context(), meta.Options{SQLite: filepath.Join(data, databaseFile)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	q := sqlqueue.New(db)
	if err := q.Push(t.Context(), queue.Job{Queue: "seal", Name: "run/7"}); err != nil {
		t.Fatal(err)
	}
	l, ok, err := q.Pull(t.Context(), "seal", time.Minute)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if err := l.Bury(t.Context(), errors.New("the rows are damaged")); err != nil {
		t.Fatal(err)
	}
	if out := must(t, data, "", "jobs", "dead"); !strings.Contains(out, "run/7") || !strings.Contains(out, "the rows are damaged") {
		t.Errorf("given up:\n%s", out)
	}
	refused(t, data, "", "given up", "jobs", "replay", "seal", "run/8")
	must(t, data, "", "jobs", "replay", "seal", "run/7")
	if dead := decode[[]shownDead](t, must(t, data, "", "jobs", "dead", "--json")); len(dead) != 0 {
		t.Errorf("after the replay: %+v", dead)
	}
	if l, ok, err := q.Pull(t.Context(), "seal", time.Minute); !ok || err != nil || l.Name != "run/7" || l.Tries != 1 {
		t.Errorf("after the replay there is %+v, %v", l, err)
	}
}

// TestWorkerNeeds refuses a worker that could not work.
func TestWorkerNeeds(t *testing.T) {
	for want, flags := range map[string][]string{
		"database":      {},
		"leave jobs on": {"--jobs", "off", "--database", "u:p@tcp(127.0.0.1:1)/d"},
	} {
		code, _, errs := call(t, "", append([]string{"worker", "--data", t.TempDir()}, flags...)...)
		if code != exitFailed || !strings.Contains(errs, want) {
			t.Errorf("worker %v: code %d: %s", flags, code, errs)
		}
	}
}
