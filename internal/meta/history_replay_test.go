package meta_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// TestReplay: a session that resumed is synced twice and a third time with
// more; then one that resumes for the first time. Nothing doubles.
func TestReplay(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		run := newRun(t, db, "r")
		resume := func(resumed bool) {
			t.Helper()
			if err := db.Write(context.Background(), "begin", func(tx *meta.Tx) error { return tx.BeginSession(run, resumed, start) }); err != nil {
				t.Fatal(err)
			}
		}
		check := func(when string, events, console int64, want ...string) {
			t.Helper()
			rows, v := rowsOf(t, db, run, ballast.History)
			if d := cmp.Diff(dense(want), rows); d != "" {
				t.Errorf("%s (-want +got):\n%s", when, d)
			}
			if v.Live.EventLines != events || v.Live.OutputLines != console {
				t.Errorf("%s: %d events and %d console lines, want %d and %d", when, v.Live.EventLines, v.Live.OutputLines, events, console)
			}
		}
		out := func(at int64, text string) *meta.Lines { return &meta.Lines{Offset: at, Count: 1, Data: []byte(text)} }
		known := func(when string, a ...meta.Append) {
			t.Helper()
			for i, got := range send(t, db, start, a...) {
				if got.Outcome != meta.Known {
					t.Errorf("%s, request %d: outcome %d, want known", when, i, got.Outcome)
				}
			}
		}
		send(t, db, start, meta.Append{Run: run, History: textRows(0, "a0", "a1", "a2"), Events: textRows(0, "e0"), Output: out(0, "l0")})
		resume(true)
		send(t, db, start, meta.Append{Run: run, History: textRows(3, "b0", "b1"), Events: textRows(1, "e1"), Output: out(1, "l1")},
			meta.Append{Run: run, History: textRows(5, "b2")})
		all := []string{"a0", "a1", "a2", "b0", "b1", "b2"}
		check("synced", 2, 2, all...)

		resume(true) // the second sync goes on at line 6, cut into other pieces
		again := []meta.Append{{Run: run, History: textRows(6, "b0"), Events: textRows(2, "e1"), Output: out(2, "l1")}, {Run: run, History: textRows(7, "b1", "b2")}}
		known("second sync", again...)
		known("a request of it that is repeated", again[0], again[1], again[1])
		check("synced twice", 2, 2, all...)

		resume(true) // the third has more
		send(t, db, start, meta.Append{Run: run, History: textRows(6, "b0", "b1"), Events: textRows(2, "e1")})
		send(t, db, start, meta.Append{Run: run, History: textRows(8, "b2", "b3"), Output: out(3, "l2")})
		send(t, db, start, meta.Append{Run: run, History: textRows(10, "b4"), Events: textRows(3, "e2")})
		all = append(all, "b3", "b4")
		check("synced with more", 3, 3, all...)

		resume(true)
		send(t, db, start, meta.Append{Run: run, History: textRows(8, "c0"), Events: textRows(3, "e3"), Output: out(3, "l3")})
		send(t, db, start, meta.Append{Run: run, History: textRows(9, "c1")})
		all = append(all, "c0", "c1")
		check("resumed for the first time", 4, 4, all...)

		resume(true)
		known("second sync of that", meta.Append{Run: run, History: textRows(10, "c0", "c1")})
		check("synced twice again", 4, 4, all...)
		resume(false) // and a start without resume, which replaces everything
		send(t, db, start, meta.Append{Run: run, History: textRows(0, "d0")})
		check("started over", 0, 0, "d0")
	})
}

// TestRewindUnderAWriter: the process that wrote when its run was rewound is
// told that another took over, and nothing of it is mixed in.
func TestRewindUnderAWriter(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		run := newRun(t, db, "r")
		send(t, db, start, meta.Append{Run: run, History: textRows(0, "a0", "a1", "a2", "a3")})
		err := db.Write(context.Background(), "rewind", func(tx *meta.Tx) error {
			if _, err := tx.RewindRows(run, 2, start); err != nil {
				return err
			}
			return tx.BeginSession(run, true, start)
		})
		if err != nil {
			t.Fatal(err)
		}
		old := meta.Append{Run: run, History: textRows(4, "a4")}
		if got := send(t, db, start, old); got[0].Outcome != meta.Ahead {
			t.Errorf("the old process, before the new one wrote: outcome %d, want ahead", got[0].Outcome)
		}
		send(t, db, start, meta.Append{Run: run, History: textRows(2, "b2")})
		if got := send(t, db, start, old); got[0].Outcome != meta.Superseded {
			t.Errorf("the old process, after: outcome %d, want superseded", got[0].Outcome)
		}
		send(t, db, start, meta.Append{Run: run, History: textRows(3, "b3")})
		if rows, _ := rowsOf(t, db, run, ballast.History); cmp.Diff(dense([]string{"a0", "a1", "b2", "b3"}), rows) != "" {
			t.Errorf("rows %v", rows)
		}
	})
}
