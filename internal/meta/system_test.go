package meta_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// TestSettings follows three revisions: one kept, one reverted, one that came
// too late.
func TestSettings(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		change := func(after int64, name, held, was, now string) (id int64, err error) {
			err = db.Write(context.Background(), "change", func(tx *meta.Tx) (err error) {
				id, err = tx.ChangeSettings(after, "ada", []ballast.SettingChange{{Name: name, Held: held, Was: was, Now: now}}, start)
				return err
			})
			return id, err
		}
		look := func() (s ballast.Settings) {
			t.Helper()
			if err := db.Read(context.Background(), func(tx *meta.Tx) (err error) { s, err = tx.Settings(); return err }); err != nil {
				t.Fatal(err)
			}
			return s
		}
		write := func(fn func(tx *meta.Tx) error) {
			t.Helper()
			if err := db.Write(context.Background(), "end", fn); err != nil {
				t.Fatal(err)
			}
		}
		nothing := map[string]string{}
		one, err := change(0, "bucket", "s3://a", "", "s3://a")
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(ballast.Settings{Revision: one, State: "trial", Made: start, Held: map[string]string{"bucket": "s3://a"}, Prior: nothing}, look()); d != "" {
			t.Errorf("on trial (-want +got):\n%s", d)
		}
		for after, why := range map[int64]string{0: "a revision that is not the last", one: "one that is on trial"} {
			if _, err := change(after, "redis", "x", "", "x"); !ballast.Is(err, ballast.Conflict) {
				t.Errorf("a change of %s: %v", why, err)
			}
		}
		write(func(tx *meta.Tx) error { return tx.KeepSettings(one) })
		if s := look(); s.State != "kept" || s.Prior["bucket"] != "s3://a" {
			t.Errorf("kept: %+v", s)
		}
		two, err := change(one, "bucket", "s3://b", "s3://a", "s3://b")
		if err != nil {
			t.Fatal(err)
		}
		if s := look(); s.Held["bucket"] != "s3://b" || s.Prior["bucket"] != "s3://a" {
			t.Errorf("the second on trial: %+v", s)
		}
		write(func(tx *meta.Tx) error {
			done, err := tx.RevertSettings(two, "no answer")
			if !done {
				t.Error("the trial was not ended")
			}
			return err
		})
		if s := look(); s.State != "reverted" || s.Held["bucket"] != "s3://a" {
			t.Errorf("reverted: %+v", s)
		}
		write(func(tx *meta.Tx) error {
			if done, err := tx.RevertSettings(two, "again"); done || err != nil {
				t.Errorf("a second revert: %v, %v", done, err)
			}
			return tx.KeepSettings(two) // of a replica that was late
		})
		three, err := change(two, "bucket", "", "s3://a", "")
		if err != nil {
			t.Fatal(err)
		}
		if s := look(); s.Held["bucket"] != "" || s.Prior["bucket"] != "s3://a" {
			t.Errorf("unset, on trial: %+v", s)
		}
		var log []ballast.SettingRevision
		if err := db.Read(context.Background(), func(tx *meta.Tx) (err error) { log, err = tx.SettingRevisions(2); return err }); err != nil {
			t.Fatal(err)
		}
		want := []ballast.SettingRevision{
			{ID: three, Actor: "ada", Made: start, State: "trial", Changes: []ballast.SettingChange{{Name: "bucket", Was: "s3://a"}}},
			{ID: two, Actor: "ada", Made: start, State: "reverted", Reason: "no answer", Changes: []ballast.SettingChange{{Name: "bucket", Was: "s3://a", Now: "s3://b"}}},
		}
		if d := cmp.Diff(want, log); d != "" {
			t.Errorf("the log (-want +got):\n%s", d)
		}
	})
}

// TestSettingsAtOnce lets several admins change one revision: one does.
func TestSettingsAtOnce(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		results := make(chan error, 4)
		for range cap(results) {
			go func() {
				results <- db.Write(context.Background(), "change", func(tx *meta.Tx) error {
					_, err := tx.ChangeSettings(0, "ada", []ballast.SettingChange{{Name: "url", Held: "x"}}, time.Now())
					return err
				})
			}()
		}
		done := 0
		for range cap(results) {
			if err := <-results; err == nil {
				done++
			} else if !ballast.Is(err, ballast.Conflict) {
				t.Error(err)
			}
		}
		if done != 1 {
			t.Errorf("%d changes of one revision were taken, want 1", done)
		}
	})
}
