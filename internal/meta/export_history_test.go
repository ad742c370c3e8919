package meta_test

import (
	"testing"
	"time"

	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// TestExportsAndTheCollector: files of an export stay while they are listed, the
// ones they replace for another grace, and all are garbage when nobody asks.
func TestExportsAndTheCollector(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		at := time.UnixMicro(1_700_000_000_000_000)
		garbage := func(before time.Time) (names []string) {
			write(t, db, func(tx *meta.Tx) error {
				found, _, err := tx.Garbage(before, "", 100)
				for _, o := range found {
					names = append(names, o.Name)
				}
				if err != nil {
					return err
				}
				return tx.ForgetObjects(names)
			})
			return names
		}
		put := func(name string, now time.Time) {
			write(t, db, func(tx *meta.Tx) error {
				if err := tx.NoteObject(name, 0, 10, now); err != nil {
					return err
				}
				return tx.SetExports(7, []meta.Export{{Gen: 1, Rows: 5, Object: name, Bytes: 10}}, now)
			})
		}
		put("exports/7/first", at)
		if got := garbage(at.Add(time.Hour)); len(got) != 0 {
			t.Errorf("a listed file is garbage: %v", got)
		}
		put("exports/7/second", at.Add(time.Hour))
		if got := get(t, db, func(tx *meta.Tx) ([]meta.Export, error) { return tx.Exports(7) }); len(got) != 1 || got[0].Object != "exports/7/second" {
			t.Errorf("listed: %+v", got)
		}
		if got := garbage(at.Add(time.Minute)); len(got) != 0 {
			t.Errorf("what was replaced just now is garbage: %v", got)
		}
		if got := garbage(at.Add(2 * time.Hour)); len(got) != 1 || got[0] != "exports/7/first" {
			t.Errorf("after another grace: %v", got)
		}
		write(t, db, func(tx *meta.Tx) error { return tx.TouchExports(7, at.Add(3*time.Hour)) })
		write(t, db, func(tx *meta.Tx) error { return tx.DropExports(at.Add(2 * time.Hour)) })
		if got := get(t, db, func(tx *meta.Tx) ([]meta.Export, error) { return tx.Exports(7) }); len(got) != 1 {
			t.Errorf("an export in use was dropped: %+v", got)
		}
		write(t, db, func(tx *meta.Tx) error { return tx.DropExports(at.Add(4 * time.Hour)) })
		if got := garbage(at.Add(5 * time.Hour)); len(got) != 1 || got[0] != "exports/7/second" {
			t.Errorf("an export that nobody asks for: %v", got)
		}
	})
}
