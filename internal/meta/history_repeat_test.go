package meta_test

import (
	"context"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/s2"
)

// TestRepeatBringsWhatIsNew: a second sync cuts the stream into other pieces,
// so that known rows come along with console lines and a summary that were
// never stored. A request that only comes late changes nothing.
func TestRepeatBringsWhatIsNew(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		run := newRun(t, db, "r")
		out := func(at int64, n int, text string) *meta.Lines {
			return &meta.Lines{Offset: at, Count: n, Data: []byte(text)}
		}
		check := func(step, summary string, lines int64, consoles ...string) {
			t.Helper()
			err := db.Read(context.Background(), func(tx *meta.Tx) error {
				v, err := tx.ConsoleView(run, 0, -1)
				if err != nil {
					return err
				}
				var got []string
				for _, c := range v.Chunks {
					got = append(got, string(c.Data))
				}
				if d := cmp.Diff(consoles, got); d != "" || v.Lines != lines {
					t.Errorf("%s: %d lines, want %d; versions (-want +got):\n%s", step, v.Lines, lines, d)
				}
				body, err := tx.Summary(run)
				if string(body) != summary {
					t.Errorf("%s: summary %s, want %s", step, body, summary)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		first := meta.Append{Run: run, History: textRows(0, "a0", "a1"), Output: out(0, 1, "l0"), Summary: s2.Encode(nil, []byte(`{"n":2}`))}
		send(t, db, start, first, meta.Append{Run: run, History: textRows(2, "a2")})
		// Late, and known but for nothing.
		got := send(t, db, start, first)
		if got[0].Outcome != meta.Known {
			t.Fatalf("outcome %d", got[0].Outcome)
		}
		check("late", `{"n":2}`, 1, "l0")
		// The second sync: all rows at once, with what the first never sent.
		again := meta.Append{Run: run, History: textRows(0, "a0", "a1", "a2"), Output: out(0, 3, "l0\nl1\nl2"), Summary: s2.Encode(nil, []byte(`{"n":3}`)), Complete: true}
		if got = send(t, db, start, again); got[0].Outcome != meta.Known {
			t.Fatalf("outcome %d", got[0].Outcome)
		}
		check("synced again", `{"n":3}`, 3, "l0", "l0\nl1\nl2")
		// The first request comes once more: nothing goes back.
		send(t, db, start, first)
		check("late again", `{"n":3}`, 3, "l0", "l0\nl1\nl2")
	})
}

// TestSealSparesLateLines: lines that fall into an old hole while a segment is
// being written are not in it, so the swap must not remove them.
func TestSealSparesLateLines(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		run := newRun(t, db, "r")
		send(t, db, start, meta.Append{Run: run, History: textRows(0, "a0", "a1")})
		send(t, db, start, meta.Append{Run: run, History: textRows(4, "a4")}) // ahead
		send(t, db, start.Add(31*time.Second), meta.Append{Run: run, History: textRows(4, "a4")})
		swap := func(chunks int) (won bool) {
			t.Helper()
			err := db.Write(context.Background(), "sealing", func(tx *meta.Tx) (err error) {
				won, err = tx.SealRows(meta.Swap{Run: run, Stream: ballast.History, From: 0, To: 5, Chunks: chunks,
					New: meta.Segment{Run: run, Stream: ballast.History, Rows: 5, Visible: 5, Object: "history/1/x"}})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return won
		}
		err := db.Write(context.Background(), "noting", func(tx *meta.Tx) error { return tx.NoteObject("history/1/x", 0, 1, start) })
		if err != nil {
			t.Fatal(err)
		}
		send(t, db, start.Add(time.Minute), meta.Append{Run: run, History: textRows(2, "a2")}) // while two chunks are being sealed
		if swap(2) {
			t.Error("a segment without the late line took its place")
		}
		rows, _ := rowsOf(t, db, run, ballast.History)
		if d := cmp.Diff(map[int64]string{0: "a0", 1: "a1", 2: "a2", 4: "a4"}, rows); d != "" {
			t.Errorf("rows (-want +got):\n%s", d)
		}
		if !swap(3) {
			t.Error("a segment of all chunks was refused")
		}
	})
}

// TestOldGapIsForgotten: that somebody once waited for a missing request is no
// reason to give the next one up at once.
func TestOldGapIsForgotten(t *testing.T) {
	run := func(t *testing.T, writer string) {
		db := metatest.Open(t)
		id := newRun(t, db, "r")
		at := start
		step := func(after time.Duration, offset int64, want meta.Outcome, lines ...string) {
			t.Helper()
			at = at.Add(after)
			if got := send(t, db, at, meta.Append{Run: id, Writer: writer, History: textRows(offset, lines...)}); got[0].Outcome != want {
				t.Fatalf("offset %d: outcome %d, want %d", offset, got[0].Outcome, want)
			}
		}
		step(0, 0, meta.Stored, "a0")
		step(0, 2, meta.Ahead, "a2")
		step(time.Second, 1, meta.Stored, "a1")
		step(time.Second, 2, meta.Stored, "a2")
		step(time.Hour, 4, meta.Ahead, "a4")
		step(time.Second, 3, meta.Stored, "a3")
	}
	t.Run("alone", func(t *testing.T) { run(t, "") })
	t.Run("shared", func(t *testing.T) { run(t, "w1") })
}

// TestSharedConsoleRepeats: a process of a shared run sends console lines
// again because the reply was lost; they are there once.
func TestSharedConsoleRepeats(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		run := newRun(t, db, "r")
		out := func(writer string, at int64, text string) meta.Append {
			return meta.Append{Run: run, Writer: writer, Output: &meta.Lines{Offset: at, Count: 1, Data: []byte(text)}}
		}
		send(t, db, start, out("w1", 0, "a0"), out("w1", 0, "a0"))
		send(t, db, start, out("w2", 0, "a0"))
		send(t, db, start, out("w1", 0, "a0"))
		send(t, db, start, out("w1", 1, "a0"), out("w1", 0, "rewritten"))
		err := db.Read(context.Background(), func(tx *meta.Tx) error {
			v, err := tx.ConsoleView(run, 0, -1)
			var got []string
			for _, c := range v.Chunks {
				got = append(got, string(c.Data))
			}
			if d := cmp.Diff([]string{"a0", "a0", "a0", "rewritten"}, got); d != "" || v.Lines != 4 {
				t.Errorf("%d lines (-want +got):\n%s", v.Lines, d)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
