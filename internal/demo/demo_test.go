package demo_test

import (
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob/fileblob"
	"github.com/ballast-ml/ballast/internal/demo"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
)

func TestMain(m *testing.M) { metatest.Main(m) }

// TestMake makes the sample twice: the runs are whole, in the states they are
// told in, and the second time adds nothing; a deleted run stays deleted.
func TestMake(t *testing.T) {
	ctx, db := t.Context(), metatest.Open(t)
	bucket, err := fileblob.Open(t.TempDir(), fileblob.Options{})
	if err != nil {
		t.Fatal(err)
	}
	in, err := ingest.Open(ctx, db, bucket, sqlqueue.New(db), ingest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var u ballast.User
	write := func(fn func(tx *meta.Tx) error) {
		t.Helper()
		if err := db.Write(ctx, "prepare", fn); err != nil {
			t.Fatal(err)
		}
	}
	write(func(tx *meta.Tx) error {
		u, err = tx.CreateUser(ballast.User{Name: "ada", Email: "ada@example.com"}, "")
		return err
	})
	begun := time.Now()
	p, added, err := demo.Make(ctx, db, in, demo.Owner{EntityID: u.EntityID, UserID: u.ID})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d runs in %v", added, time.Since(begun))
	if p.Name != demo.Project || added < 20 {
		t.Fatalf("project %q with %d runs", p.Name, added)
	}
	states := map[string]ballast.State{"vit-b-1": ballast.Finished, "vit-b-2": ballast.Failed, "full-1": ballast.Crashed, "lora-r64-hot": ballast.Killed, "search-01": ballast.Finished}
	rows := map[string]int64{"vit-b-1": 1800, "vit-b-2": 640, "full-1": 730, "lora-r64-hot": 340, "search-01": 80}
	write(func(tx *meta.Tx) error {
		for name, want := range states {
			r, err := tx.RunByName(p.ID, name)
			if err != nil {
				return err
			}
			if r.Live.State != want || r.Live.Rows != rows[name] || r.Live.OutputLines == 0 || r.Live.EventRows == 0 {
				t.Errorf("%s: %+v, want %s with %d rows", name, r.Live, want, rows[name])
			}
			if r.Live.Heartbeat.After(begun) {
				t.Errorf("%s was last heard of at %v, after it ended", name, r.Live.Heartbeat)
			}
		}
		r, err := tx.RunByName(p.ID, "search-01")
		if err != nil {
			return err
		}
		return tx.DeleteRun(r.ID, time.Now())
	})
	if _, added, err = demo.Make(ctx, db, in, demo.Owner{EntityID: u.EntityID, UserID: u.ID}); err != nil || added != 0 {
		t.Errorf("the second time: %d runs added, %v", added, err)
	}
}

// TestTaken: a project of the name with runs of somebody's own is not touched.
func TestTaken(t *testing.T) {
	ctx, db := t.Context(), metatest.Open(t)
	var u ballast.User
	err := db.Write(ctx, "prepare", func(tx *meta.Tx) (err error) {
		if u, err = tx.CreateUser(ballast.User{Name: "ada", Email: "ada@example.com"}, ""); err != nil {
			return err
		}
		p, _, err := tx.MakeProject(u.EntityID, demo.Project, u.ID, time.Now())
		if err != nil {
			return err
		}
		_, err = tx.CreateRun(ballast.Run{ProjectID: p.ID, Name: "mine"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := demo.Make(ctx, db, nil, demo.Owner{EntityID: u.EntityID}); !ballast.Is(err, ballast.Conflict) {
		t.Errorf("%v, want Conflict", err)
	}
}
