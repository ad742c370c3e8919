package backup_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/backup"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/fileblob"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

func TestMain(m *testing.M) { metatest.Main(m) }

// site is an installation with one run that has files.
type site struct {
	t      *testing.T
	db     *meta.DB
	bucket *fileblob.Bucket
	folder string
	run    int64
	dir    string // of the backup
	secret string
}

func newSite(t *testing.T, db *meta.DB) *site {
	t.Helper()
	s := &site{t: t, db: db, folder: t.TempDir(), dir: filepath.Join(t.TempDir(), "backup")}
	s.bucket = open(t, s.folder)
	s.secret = filepath.Join(t.TempDir(), "secret.key")
	if err := os.WriteFile(s.secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.write(func(tx *meta.Tx) error {
		e, err := tx.CreateEntity("Grüße", ballast.Team, 0)
		if err != nil {
			return err
		}
		p, _, err := tx.EnsureProject(e.ID, "p", 0, time.Now())
		if err != nil {
			return err
		}
		r, err := tx.CreateRun(ballast.Run{ProjectID: p.ID, Name: "r", Notes: "Zeile\n\"zwei\" 🌊", Config: []byte(`{"a":{"value":1}}`)})
		s.run = r.ID
		return err
	})
	return s
}

func open(t *testing.T, dir string) *fileblob.Bucket {
	t.Helper()
	b, err := fileblob.Open(dir, fileblob.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (s *site) write(fn func(*meta.Tx) error) {
	s.t.Helper()
	if err := s.db.Write(s.t.Context(), "the test", fn); err != nil {
		s.t.Fatal(err)
	}
}

// file stores a file of the run and returns its object.
func (s *site) file(name, body string) string {
	s.t.Helper()
	object := fmt.Sprintf("runs/%d/%s-object", s.run, name)
	s.write(func(tx *meta.Tx) error { return tx.CreateUpload(object, 0, s.run, name, time.Now()) })
	info, err := s.bucket.Put(s.t.Context(), object, strings.NewReader(body), -1)
	if err != nil {
		s.t.Fatal(err)
	}
	s.write(func(tx *meta.Tx) error {
		_, err := tx.FinishUpload(object, info.Bytes, info.MD5, "text/plain", time.Now())
		return err
	})
	return object
}

func (s *site) make(keep int) *backup.Info {
	s.t.Helper()
	info, err := backup.Make(s.t.Context(), s.db, backup.Options{Dir: s.dir, Stores: map[int]blob.Bucket{0: s.bucket}, Secret: s.secret, Version: "test", Keep: keep})
	if err != nil {
		s.t.Fatal(err)
	}
	return info
}

// target is an empty place on a disk.
func target(t *testing.T) (backup.Target, string) {
	t.Helper()
	dir := t.TempDir()
	return backup.Target{Stores: map[int]blob.Bucket{0: open(t, filepath.Join(dir, "objects"))}, Secret: filepath.Join(dir, "secret.key"), Database: filepath.Join(dir, "ballast.db")}, dir
}

// state is what is compared of a store.
func state(t *testing.T, db *meta.DB, bucket blob.Bucket) (all []string) {
	t.Helper()
	rows, err := db.Rows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, fmt.Sprint(rows, " rows"))
	err = db.Read(t.Context(), func(tx *meta.Tx) error {
		places, err := tx.RunPlaces(0, 100)
		if err != nil {
			return err
		}
		for _, p := range places {
			r, err := tx.Run(p.ID)
			if err != nil {
				return err
			}
			all = append(all, p.Path, r.Notes, string(r.Config), r.Created.String(), string(r.Live.State))
		}
		e, err := tx.EntityByName("GRÜSSE")
		if err != nil {
			e, err = tx.EntityByName("Grüße")
		}
		all = append(all, e.Name)
		if err != nil {
			return err
		}
		return tx.EachNamed(func(n meta.Named) error {
			info, err := bucket.Stat(t.Context(), n.Object)
			all = append(all, fmt.Sprintf("%s %d %s %x: %d", n.Kind, n.Run, n.File, n.MD5, info.Bytes))
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestRestore brings a backup of each database to each.
func TestRestore(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		s := newSite(t, db)
		s.file("a.txt", "one")
		s.file("b.txt", strings.Repeat("two", 1000))
		if info := s.make(9); info.Objects != 2 || info.Copied != 2 || len(info.Wrong) != 0 || info.Schema == 0 {
			t.Fatalf("the first backup: %+v", info)
		}
		s.file("c.txt", "three")
		// Snapshots are named by the millisecond.
		time.Sleep(2 * time.Millisecond)
		if info := s.make(9); info.Objects != 3 || info.Copied != 1 {
			t.Errorf("the second backup: %+v", info)
		}
		want := state(t, s.db, s.bucket)

		to, dir := target(t)
		if _, err := backup.Restore(t.Context(), s.dir, "", to); err != nil {
			t.Fatal(err)
		}
		restored, err := meta.Open(t.Context(), meta.Options{SQLite: to.Database})
		if err != nil {
			t.Fatal(err)
		}
		defer restored.Close()
		if d := cmp.Diff(want, state(t, restored, to.Stores[0])); d != "" {
			t.Errorf("restored to SQLite (-want +got):\n%s", d)
		}
		if key, err := os.ReadFile(filepath.Join(dir, "secret.key")); err != nil || string(key) != "secret" {
			t.Errorf("the secret key: %q, %v", key, err)
		}
		if _, err := backup.Restore(t.Context(), s.dir, "", to); !ballast.Is(err, ballast.Conflict) {
			t.Errorf("over a store: %v", err)
		}
		if os.Getenv("BALLAST_TEST_SKIP_MYSQL") == "1" {
			return
		}
		to.Database, to.DB = "", metatest.OpenMySQL(t)
		if _, err := backup.Restore(t.Context(), s.dir, "", to); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, state(t, to.DB, to.Stores[0])); d != "" {
			t.Errorf("restored to MySQL (-want +got):\n%s", d)
		}
		if _, err := backup.Restore(t.Context(), s.dir, "", to); !ballast.Is(err, ballast.Conflict) {
			t.Errorf("over a database with rows: %v", err)
		}
	})
}

// dueRuns lists the runs whose manifest is to be written.
func dueRuns(t *testing.T, db *meta.DB) (runs []int64) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *meta.Tx) (err error) {
		runs, err = tx.RunManifestsDue(10)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// TestManifestsAfterRestore: a backup holds no manifests of runs, so that those
// of a restored store are due.
func TestManifestsAfterRestore(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		s := newSite(t, db)
		object := fmt.Sprintf("%s%d/x", meta.HistoryPrefix, s.run)
		if _, err := s.bucket.Put(t.Context(), object, strings.NewReader("rows"), -1); err != nil {
			t.Fatal(err)
		}
		s.write(func(tx *meta.Tx) error {
			if err := tx.NoteObject(object, 0, 4, time.Now()); err != nil {
				return err
			}
			sealed, err := tx.SealRows(meta.Swap{Run: s.run, New: meta.Segment{Run: s.run, Object: object, Bytes: 4}})
			if err == nil && !sealed {
				t.Error("the segment was refused")
			}
			return err
		})
		s.write(func(tx *meta.Tx) error { // the manifest was written
			m, err := tx.RunManifest(s.run)
			if err == nil {
				_, err = tx.RunManifestWritten(s.run, m.Mark)
			}
			return err
		})
		if runs := dueRuns(t, db); len(runs) != 0 {
			t.Errorf("due before: %v", runs)
		}
		s.make(9)
		to, _ := target(t)
		if _, err := backup.Restore(t.Context(), s.dir, "", to); err != nil {
			t.Fatal(err)
		}
		restored, err := meta.Open(t.Context(), meta.Options{SQLite: to.Database})
		if err != nil {
			t.Fatal(err)
		}
		defer restored.Close()
		if d := cmp.Diff([]int64{s.run}, dueRuns(t, restored)); d != "" {
			t.Errorf("due in SQLite (-want +got):\n%s", d)
		}
		if os.Getenv("BALLAST_TEST_SKIP_MYSQL") == "1" {
			return
		}
		to.Database, to.DB = "", metatest.OpenMySQL(t)
		if _, err := backup.Restore(t.Context(), s.dir, "", to); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]int64{s.run}, dueRuns(t, to.DB)); d != "" {
			t.Errorf("due in MySQL (-want +got):\n%s", d)
		}
	})
}

// TestDamage: what is damaged in the store is not taken, what is damaged in
// the backup is not restored, and both are said.
func TestDamage(t *testing.T) {
	s := newSite(t, metatest.Open(t))
	good, bad, gone := s.file("good", "good"), s.file("bad", "bad"), s.file("gone", "gone")
	rewrite := func(folder, object, body string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, object), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rewrite(s.folder, bad, "bat")
	os.Remove(filepath.Join(s.folder, gone))
	info := s.make(9)
	if info.Objects != 1 || len(info.Wrong) != 2 || !strings.Contains(strings.Join(info.Wrong, " "), bad) || !strings.Contains(strings.Join(info.Wrong, " "), gone) {
		t.Fatalf("the backup: %+v", info)
	}
	get, err := backup.Object(t.Context(), s.dir)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := get(t.Context(), 0, good); err != nil || string(body) != "good" {
		t.Errorf("an object of the backup: %q, %v", body, err)
	}
	if _, err := get(t.Context(), 0, bad); !ballast.Is(err, ballast.NotFound) {
		t.Errorf("an object that was not taken: %v", err)
	}
	rewrite(filepath.Join(s.dir, "objects", "0"), good, "g00d")
	if _, err := get(t.Context(), 0, good); !ballast.Is(err, ballast.Internal) {
		t.Errorf("a damaged object of the backup: %v", err)
	}
	if _, wrong, err := backup.Check(t.Context(), s.dir, ""); err != nil || len(wrong) != 1 {
		t.Errorf("checking: %v, %v", wrong, err)
	}
	to, _ := target(t)
	if _, err := backup.Restore(t.Context(), s.dir, "", to); err == nil {
		t.Error("a damaged object was restored")
	}
	if _, err := os.Stat(to.Database); err == nil {
		t.Error("half a restore is a store")
	}
	rewrite(filepath.Join(s.dir, "objects", "0"), good, "good")
	if _, err := backup.Restore(t.Context(), s.dir, "", to); err != nil {
		t.Errorf("a restore that is repeated: %v", err)
	}
	rewrite(filepath.Join(s.dir, "snapshots", info.Name), "ballast.db", "damaged")
	to, _ = target(t)
	if _, err := backup.Restore(t.Context(), s.dir, "", to); !ballast.Is(err, ballast.Internal) {
		t.Errorf("a damaged database: %v", err)
	}
}

// TestKeep: old snapshots go, and with them what only they name.
func TestKeep(t *testing.T) {
	s := newSite(t, metatest.Open(t))
	old := s.file("old", "old")
	s.make(2)
	s.write(func(tx *meta.Tx) error {
		files, err := tx.Files(s.run, meta.FileQuery{})
		if err != nil {
			return err
		}
		return tx.DeleteFiles([]int64{files[0].ID})
	})
	s.file("new", "new")
	for i, want := range []int64{0, 1} {
		time.Sleep(2 * time.Millisecond)
		if info := s.make(2); info.Pruned != want {
			t.Errorf("backup %d removed %d objects, want %d", i+2, info.Pruned, want)
		}
	}
	if _, err := os.Stat(filepath.Join(s.dir, "objects", "0", old)); err == nil {
		t.Error("an object that no snapshot names is left")
	}
	if names, err := backup.Snapshots(s.dir); err != nil || len(names) != 2 {
		t.Errorf("snapshots %v, %v", names, err)
	}
	// A backup that was killed left a folder, which is none.
	if err := os.Mkdir(filepath.Join(s.dir, "snapshots", ".20300101T000000.000Z"), 0o700); err != nil {
		t.Fatal(err)
	}
	to, _ := target(t)
	if _, err := backup.Restore(t.Context(), s.dir, "", to); err != nil {
		t.Errorf("beside half a snapshot: %v", err)
	}
}

// TestHold: from the moment a backup begins, the collector knows.
func TestHold(t *testing.T) {
	s := newSite(t, metatest.Open(t))
	held := func(at time.Time) (yes bool) {
		t.Helper()
		s.write(func(tx *meta.Tx) (err error) { yes, err = tx.ObjectsHeld(at); return err })
		return yes
	}
	if held(time.Now()) {
		t.Error("held without a backup")
	}
	s.make(1)
	if !held(time.Now()) || held(time.Now().Add(time.Hour)) {
		t.Error("a backup does not hold objects for some minutes")
	}
}
