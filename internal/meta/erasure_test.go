package meta_test

import (
	"math"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/google/go-cmp/cmp"
)

// TestErasuresFollowRows: a fork hides what its parent does of the rows that it
// shares; a rewind keeps erasures to the rows that stay, since others follow.
func TestErasuresFollowRows(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		run, fork := newRun(t, db, "p"), newRun(t, db, "c")
		b := &belongings{t: t, db: db}
		b.rows(run, 0, 10)
		erase := func(gen int64) (done bool) {
			write(t, db, func(tx *meta.Tx) (err error) {
				e := meta.Erasure{RowTo: 8, StepFrom: math.MinInt64, StepTo: 5, Keys: []string{"a", `b\.c`}}
				done, err = tx.EraseKeys(run, gen, e, func(old []byte) ([]byte, error) { return old, nil }, start)
				return err
			})
			return done
		}
		if erase(7) {
			t.Error("rows of another generation were touched")
		}
		if !erase(0) {
			t.Error("the deletion was refused")
		}
		b.fork(run, fork, meta.Moment{Rows: 6})
		hidden := func(run int64) []meta.Erasure {
			v := get(t, db, func(tx *meta.Tx) (meta.StreamView, error) { return tx.StreamView(run, ballast.History) })
			for i := range v.Erased {
				v.Erased[i].ID = 0
			}
			return v.Erased
		}
		want := func(rowTo int64) []meta.Erasure {
			return []meta.Erasure{{RowTo: rowTo, StepFrom: math.MinInt64, StepTo: 5, Keys: []string{"a", `b\.c`}}}
		}
		for run, rowTo := range map[int64]int64{run: 8, fork: 6} {
			if diff := cmp.Diff(want(rowTo), hidden(run)); diff != "" {
				t.Errorf("run %d (-want +got):\n%s", run, diff)
			}
		}
		for rows := int64(4); rows >= 0; rows -= 4 {
			write(t, db, func(tx *meta.Tx) error { _, err := tx.RewindRows(run, rows, start); return err })
			expected := want(rows)
			if rows == 0 {
				expected = nil
			}
			if diff := cmp.Diff(expected, hidden(run)); diff != "" {
				t.Errorf("rewound to row %d (-want +got):\n%s", rows, diff)
			}
		}
		if diff := cmp.Diff(want(6), hidden(fork)); diff != "" {
			t.Errorf("the fork after its parent's rewind (-want +got):\n%s", diff)
		}
	})
}
