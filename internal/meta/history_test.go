package meta_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/google/go-cmp/cmp"
)

var start = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// textRows are rows whose chunk is text, a line each.
func textRows(offset int64, lines ...string) *meta.Rows {
	h := fnv.New64a()
	h.Write([]byte(lines[0]))
	return &meta.Rows{Offset: offset, Lines: len(lines), First: h.Sum64() | 1, Data: []byte(strings.Join(lines, "\n")),
		Cut: func(skip int, row0 int64) ([]byte, error) {
			kept := append([]string(nil), lines[skip:]...)
			if row0 >= 0 {
				for i := range kept {
					kept[i] = fmt.Sprintf("%d=%s", row0+int64(i), kept[i])
				}
			}
			return []byte(strings.Join(kept, "\n")), nil
		}}
}

// numbered returns lines "name0", "name1", … from to.
func numbered(name string, from, to int) []string {
	var all []string
	for i := from; i < to; i++ {
		all = append(all, fmt.Sprint(name, i))
	}
	return all
}

func newRun(t *testing.T, db *meta.DB, name string) int64 {
	t.Helper()
	var id int64
	err := db.Write(context.Background(), "making a run", func(tx *meta.Tx) error {
		e, err := tx.EntityByName("team")
		if ballast.Is(err, ballast.NotFound) {
			e, err = tx.CreateEntity("team", ballast.Team, 0)
		}
		if err != nil {
			return err
		}
		p, _, err := tx.EnsureProject(e.ID, "proj", 0, start)
		if err != nil {
			return err
		}
		r, err := tx.CreateRun(ballast.Run{ProjectID: p.ID, Name: name, Created: start})
		id = r.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func send(t *testing.T, db *meta.DB, at time.Time, pool ...meta.Append) []meta.Appended {
	t.Helper()
	var got []meta.Appended
	err := db.Write(context.Background(), "appending", func(tx *meta.Tx) error {
		var err error
		got, err = tx.AppendStreams(pool, at)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// rowsOf returns the visible rows by number, and the run's counters.
func rowsOf(t *testing.T, db *meta.DB, run int64, stream ballast.Stream) (map[int64]string, meta.StreamView) {
	t.Helper()
	var v meta.StreamView
	err := db.Read(context.Background(), func(tx *meta.Tx) error {
		var err error
		v, err = tx.StreamView(run, stream)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := map[int64]string{}
	for _, c := range v.Tail {
		for i, line := range strings.Split(string(c.Data), "\n")[:c.Rows] {
			n := c.Row0 + int64(i)
			if rows[n] != "" {
				t.Fatalf("row %d is there twice: %s and %s", n, rows[n], line)
			}
			rows[n] = line
		}
	}
	return rows, v
}

func dense(lines []string) map[int64]string {
	m := map[int64]string{}
	for i, l := range lines {
		m[int64(i)] = l
	}
	return m
}

// TestAppendOffsets walks one run through requests that repeat, overlap, leave
// gaps, and begin anew.
func TestAppendOffsets(t *testing.T) {
	type step struct {
		after   time.Duration // since the step before
		resume  bool          // a process opens the run and resumes
		open    bool          // a process opens the run and does not
		offset  int64
		lines   []string
		end     bool // the process says that it is done
		outcome meta.Outcome
	}
	tests := []struct {
		name  string
		steps []step
		want  map[int64]string
		lines int64
		gaps  int64
		gen   int64
	}{
		{"in order", []step{{offset: 0, lines: numbered("a", 0, 3)}, {offset: 3, lines: numbered("a", 3, 5)}}, dense(numbered("a", 0, 5)), 5, 0, 0},
		{"sent again", []step{{offset: 0, lines: numbered("a", 0, 3)}, {offset: 0, lines: numbered("a", 0, 3), outcome: meta.Known},
			{offset: 3, lines: numbered("a", 3, 5)}, {offset: 3, lines: numbered("a", 3, 5), outcome: meta.Known}}, dense(numbered("a", 0, 5)), 5, 0, 0},
		{"overlap", []step{{offset: 0, lines: numbered("a", 0, 3)}, {offset: 1, lines: numbered("a", 1, 6)}}, dense(numbered("a", 0, 6)), 6, 0, 0},
		{"synced again in other pieces", []step{{offset: 0, lines: numbered("a", 0, 3)}, {offset: 3, lines: numbered("a", 3, 7)},
			{open: true}, {offset: 0, lines: numbered("a", 0, 5), outcome: meta.Known}, {offset: 5, lines: numbered("a", 5, 9)}}, dense(numbered("a", 0, 9)), 9, 0, 0},
		{"gap, the missing request comes", []step{{offset: 0, lines: numbered("a", 0, 3)}, {offset: 5, lines: numbered("a", 5, 7), outcome: meta.Ahead},
			{after: time.Second, offset: 3, lines: numbered("a", 3, 5)}, {after: time.Second, offset: 5, lines: numbered("a", 5, 7)}}, dense(numbered("a", 0, 7)), 7, 0, 0},
		{"gap, given up", []step{{offset: 0, lines: numbered("a", 0, 2)}, {offset: 4, lines: numbered("a", 4, 6), outcome: meta.Ahead},
			{after: 20 * time.Second, offset: 4, lines: numbered("a", 4, 6), outcome: meta.Ahead}, {after: 11 * time.Second, offset: 4, lines: numbered("a", 4, 6)}},
			map[int64]string{0: "a0", 1: "a1", 4: "a4", 5: "a5"}, 6, 2, 0},
		{"gap, filled late", []step{{offset: 0, lines: numbered("a", 0, 2)}, {offset: 6, lines: numbered("a", 6, 8), outcome: meta.Ahead},
			{after: 31 * time.Second, offset: 6, lines: numbered("a", 6, 8)}, {offset: 1, lines: numbered("a", 1, 4)}, {offset: 1, lines: numbered("a", 1, 4), outcome: meta.Known},
			{offset: 5, lines: numbered("a", 5, 10)}},
			map[int64]string{0: "a0", 1: "a1", 2: "a2", 3: "a3", 5: "a5", 6: "a6", 7: "a7", 8: "a8", 9: "a9"}, 10, 1, 0},
		{"run again without resume", []step{{offset: 0, lines: numbered("a", 0, 3)}, {open: true}, {offset: 0, lines: numbered("b", 0, 2)}, {offset: 2, lines: numbered("b", 2, 4)}},
			dense(numbered("b", 0, 4)), 4, 0, 1},
		{"resume", []step{{offset: 0, lines: numbered("a", 0, 3)}, {resume: true}, {offset: 3, lines: numbered("b", 3, 5)}, {offset: 3, lines: numbered("b", 3, 5), outcome: meta.Known}},
			dense(append(numbered("a", 0, 3), numbered("b", 3, 5)...)), 5, 0, 0},
		{"resume, then run again without", []step{{offset: 0, lines: numbered("a", 0, 3)}, {resume: true}, {offset: 3, lines: numbered("b", 3, 5)}, {open: true}, {offset: 0, lines: numbered("c", 0, 1)}},
			dense(numbered("c", 0, 1)), 1, 0, 1},
		{"resume twice from one place", []step{{offset: 0, lines: numbered("a", 0, 3)}, {resume: true}, {offset: 3, lines: numbered("b", 3, 6)}, {offset: 3, lines: numbered("c", 3, 5)}},
			dense(append(numbered("a", 0, 3), numbered("c", 3, 5)...)), 5, 0, 1},
		{"the first of two clients is told", []step{{offset: 0, lines: numbered("a", 0, 5)}, {open: true}, {offset: 0, lines: numbered("b", 0, 2)},
			{offset: 5, lines: numbered("a", 5, 6), outcome: meta.Ahead}, {after: 5 * time.Second, offset: 2, lines: numbered("b", 2, 3)},
			{after: time.Second, offset: 5, lines: numbered("a", 5, 6), outcome: meta.Superseded}, {offset: 3, lines: numbered("b", 3, 5)}}, dense(numbered("b", 0, 5)), 5, 0, 1},
		{"the first is told when the second has passed it", []step{{offset: 0, lines: numbered("a", 0, 5)}, {open: true}, {offset: 0, lines: numbered("b", 0, 2)},
			{offset: 5, lines: numbered("a", 5, 9), outcome: meta.Ahead}, {after: 5 * time.Second, offset: 2, lines: numbered("b", 2, 7)},
			{after: time.Second, offset: 5, lines: numbered("a", 5, 9), outcome: meta.Superseded}, {offset: 7, lines: numbered("b", 7, 8)}}, dense(numbered("b", 0, 8)), 8, 0, 1},
		{"the first comes when the second has passed it", []step{{offset: 0, lines: numbered("a", 0, 5)}, {open: true}, {offset: 0, lines: numbered("b", 0, 7)},
			{offset: 5, lines: numbered("a", 5, 9), outcome: meta.Ahead}, {after: 5 * time.Second, offset: 7, lines: numbered("b", 7, 8)},
			{after: time.Second, offset: 5, lines: numbered("a", 5, 9), outcome: meta.Superseded}}, dense(numbered("b", 0, 8)), 8, 0, 1},
		{"the first comes when the second is far beyond it", []step{{offset: 0, lines: numbered("a", 0, 5)}, {open: true}, {offset: 0, lines: numbered("b", 0, 2)},
			{offset: 5, lines: numbered("a", 5, 7), outcome: meta.Ahead}, {offset: 2, lines: numbered("b", 2, 9)},
			{after: 5 * time.Second, offset: 5, lines: numbered("a", 5, 7), outcome: meta.Superseded}}, dense(numbered("b", 0, 9)), 9, 0, 1},
		{"the second sends again what it began where the first was", []step{{offset: 0, lines: numbered("a", 0, 5)}, {open: true}, {offset: 0, lines: numbered("b", 0, 2)},
			{offset: 5, lines: numbered("a", 5, 7), outcome: meta.Ahead}, {offset: 2, lines: numbered("b", 2, 5)}, {offset: 5, lines: numbered("b", 5, 9)},
			{offset: 5, lines: numbered("b", 5, 9), outcome: meta.Ahead}, {after: 31 * time.Second, offset: 5, lines: numbered("b", 5, 9), outcome: meta.Known},
			{offset: 9, lines: numbered("b", 9, 10)}}, dense(numbered("b", 0, 10)), 10, 0, 1},
		{"the first goes on when the second has finished, above", []step{{offset: 0, lines: numbered("a", 0, 5)}, {open: true}, {offset: 0, lines: numbered("b", 0, 2), end: true},
			{offset: 5, lines: numbered("a", 5, 9), outcome: meta.Superseded}}, dense(numbered("b", 0, 2)), 2, 0, 1},
		{"the same, exactly at its end", []step{{offset: 0, lines: numbered("a", 0, 5)}, {open: true}, {offset: 0, lines: numbered("b", 0, 5), end: true},
			{offset: 5, lines: numbered("a", 5, 9), outcome: meta.Superseded}}, dense(numbered("b", 0, 5)), 5, 0, 1},
		{"a second sync that begins at a line of the first by chance", []step{{offset: 0, lines: numbered("a", 0, 5)}, {open: true}, {offset: 0, lines: numbered("b", 0, 7)},
			{open: true}, {offset: 0, lines: numbered("b", 0, 5), outcome: meta.Known}, {offset: 5, lines: numbered("b", 5, 9), outcome: meta.Ahead},
			{after: 31 * time.Second, offset: 5, lines: numbered("b", 5, 9)}}, dense(numbered("b", 0, 9)), 9, 0, 1},
		{"nobody is told while it is not certain", []step{{offset: 0, lines: numbered("a", 0, 5)}, {open: true}, {offset: 0, lines: numbered("b", 0, 2)},
			{offset: 5, lines: numbered("a", 5, 6), outcome: meta.Ahead}, {after: time.Second, offset: 5, lines: numbered("a", 5, 6), outcome: meta.Ahead}}, dense(numbered("b", 0, 2)), 2, 0, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			metatest.Each(t, func(t *testing.T, db *meta.DB) {
				run, now := newRun(t, db, "r"), start
				for i, s := range tt.steps {
					now = now.Add(s.after)
					if s.open || s.resume {
						err := db.Write(context.Background(), "opening", func(tx *meta.Tx) error { return tx.BeginSession(run, s.resume, now) })
						if err != nil {
							t.Fatal(err)
						}
						continue
					}
					got := send(t, db, now, meta.Append{Run: run, History: textRows(s.offset, s.lines...), Complete: s.end})
					if got[0].Outcome != s.outcome {
						t.Fatalf("step %d: outcome %d, want %d (%+v)", i, got[0].Outcome, s.outcome, got[0])
					}
				}
				rows, v := rowsOf(t, db, run, ballast.History)
				if d := cmp.Diff(tt.want, rows); d != "" {
					t.Errorf("rows (-want +got):\n%s", d)
				}
				if v.Live.HistoryLines != tt.lines || v.Rows != tt.lines || v.Live.Gaps != tt.gaps || v.Live.Gen != tt.gen {
					t.Errorf("lines %d rows %d gaps %d gen %d, want %d %d %d %d", v.Live.HistoryLines, v.Rows, v.Live.Gaps, v.Live.Gen, tt.lines, tt.lines, tt.gaps, tt.gen)
				}
			})
		})
	}
}

// TestAppendPool stores one pool with everything in it: two requests of a run,
// an unknown run, the processes of a shared run, console, summary, states.
func TestAppendPool(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		a, b, c := newRun(t, db, "a"), newRun(t, db, "b"), newRun(t, db, "c")
		exit := meta.Append{Run: c, Complete: true, ExitCode: 3}
		got := send(t, db, start,
			meta.Append{Run: b, Writer: "w1", History: textRows(0, "x0", "x1")},
			meta.Append{Run: a, History: textRows(0, "a0"), Events: textRows(0, "e0", "e1"), Summary: []byte{}},
			meta.Append{Run: 999999, History: textRows(0, "z")},
			meta.Append{Run: a, History: textRows(1, "a1"), Output: &meta.Lines{Offset: 0, Count: 2, Data: []byte("o")},
				System: func(old []byte) ([]byte, error) { return append([]byte("s"), old...), nil }},
			meta.Append{Run: b, Writer: "w2", History: textRows(0, "y0")},
			meta.Append{Run: b, Writer: "w1", History: textRows(2, "x2"), Output: &meta.Lines{Offset: 0, Count: 3, Data: []byte("p")}},
			meta.Append{Run: b, Writer: "w2", History: textRows(0, "y0"), Output: &meta.Lines{Offset: 0, Count: 1, Data: []byte("q")}},
			meta.Append{Run: a, Output: &meta.Lines{Offset: 1, Count: 1, Data: []byte("o2")}},
			exit)
		var outcomes []meta.Outcome
		for _, g := range got {
			outcomes = append(outcomes, g.Outcome)
		}
		if d := cmp.Diff([]meta.Outcome{meta.Stored, meta.Stored, meta.NoRun, meta.Stored, meta.Stored, meta.Stored, meta.Known, meta.Stored, meta.Stored}, outcomes); d != "" {
			t.Errorf("outcomes (-want +got):\n%s", d)
		}
		if rows, v := rowsOf(t, db, a, ballast.History); cmp.Diff(dense([]string{"a0", "a1"}), rows) != "" || v.Live.OutputLines != 2 || v.Live.Ver == 0 {
			t.Errorf("run a: rows %v, live %+v", rows, v.Live)
		}
		if rows, _ := rowsOf(t, db, a, ballast.Events); cmp.Diff(dense([]string{"e0", "e1"}), rows) != "" {
			t.Errorf("events of a: %v", rows)
		}
		if rows, _ := rowsOf(t, db, b, ballast.History); cmp.Diff(dense([]string{"0=x0", "1=x1", "2=y0", "3=x2"}), rows) != "" {
			t.Errorf("shared run: %v", rows)
		}
		if _, v := rowsOf(t, db, c, ballast.History); v.Live.State != ballast.Failed || v.Live.ExitCode != 3 {
			t.Errorf("run c: %+v", v.Live)
		}
		err := db.Read(context.Background(), func(tx *meta.Tx) error {
			v, err := tx.ConsoleView(a, 0, -1)
			if err != nil || len(v.Chunks) != 2 || v.Chunks[1].Line0 != 1 || v.Chunks[1].Seq <= v.Chunks[0].Seq {
				t.Errorf("console of a: %+v, %v", v, err)
			}
			if v, err = tx.ConsoleView(b, 0, -1); v.Lines != 3 {
				t.Errorf("console of b: %+v, %v", v, err)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// TestNewSessionSetsAside checks what a new session leaves: console lines that
// the new process already sent stay, everything else is the new process's.
func TestNewSessionSetsAside(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		run := newRun(t, db, "r")
		out := func(at int64, text string) *meta.Lines { return &meta.Lines{Offset: at, Count: 1, Data: []byte(text)} }
		send(t, db, start, meta.Append{Run: run, History: textRows(0, "a0", "a1"), Events: textRows(0, "e0"), Output: out(0, "old")},
			meta.Append{Run: run, Output: out(1, "old2"), Complete: true})
		if err := db.Write(context.Background(), "opening", func(tx *meta.Tx) error { return tx.BeginSession(run, false, start) }); err != nil {
			t.Fatal(err)
		}
		send(t, db, start, meta.Append{Run: run, Output: out(0, "new")})
		got := send(t, db, start, meta.Append{Run: run, Events: textRows(0, "f0")}, meta.Append{Run: run, History: textRows(0, "b0")})
		if !got[0].NewSession || got[1].NewSession {
			t.Fatalf("answers %+v", got)
		}
		rows, v := rowsOf(t, db, run, ballast.History)
		events, _ := rowsOf(t, db, run, ballast.Events)
		if rows[0] != "b0" || len(rows) != 1 || events[0] != "f0" || len(events) != 1 || v.Live.State != ballast.Running || v.Live.OutputLines != 1 {
			t.Errorf("rows %v, events %v, live %+v", rows, events, v.Live)
		}
		err := db.Read(context.Background(), func(tx *meta.Tx) error {
			v, err := tx.ConsoleView(run, 0, -1)
			if len(v.Chunks) != 1 || string(v.Chunks[0].Data) != "new" {
				t.Errorf("console %+v", v)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestStates(t *testing.T) {
	type step struct {
		append meta.Append
		stop   bool
		sweep  bool // five minutes pass
		want   ballast.State
	}
	beat := meta.Append{}
	done := func(code int) meta.Append { return meta.Append{Complete: true, ExitCode: code} }
	tests := []struct {
		name  string
		steps []step
	}{
		{"crashed and back", []step{{append: beat, want: ballast.Running}, {sweep: true, want: ballast.Crashed}, {append: beat, want: ballast.Running}, {append: done(0), want: ballast.Finished}, {sweep: true, want: ballast.Finished}}},
		{"failed", []step{{append: done(1), want: ballast.Failed}, {append: beat, want: ballast.Failed}}},
		{"preempted", []step{{append: meta.Append{Preempting: true}, want: ballast.Preempting}, {append: beat, want: ballast.Preempting}, {append: done(1), want: ballast.Preempted}, {append: beat, want: ballast.Running}}},
		{"preempted by silence", []step{{append: meta.Append{Preempting: true}, want: ballast.Preempting}, {sweep: true, want: ballast.Preempted}}},
		{"killed", []step{{stop: true, want: ballast.Running}, {append: done(255), want: ballast.Killed}}},
		{"new rows after the end", []step{{append: done(0), want: ballast.Finished}, {append: meta.Append{History: textRows(0, "a")}, want: ballast.Running}}},
		{"late rows of a writer after the primary's end", []step{{append: done(0), want: ballast.Finished}, {append: meta.Append{Writer: "w1", History: textRows(0, "a")}, want: ballast.Finished}}},
		{"killed, silent", []step{{stop: true, want: ballast.Running}, {sweep: true, want: ballast.Killed}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			metatest.Each(t, func(t *testing.T, db *meta.DB) {
				run, now := newRun(t, db, "r"), start
				for i, s := range tt.steps {
					var err error
					switch {
					case s.stop:
						err = db.Write(context.Background(), "stop", func(tx *meta.Tx) error { return tx.SetRunStop(run, true) })
					case s.sweep:
						now = now.Add(6 * time.Minute)
						err = db.Write(context.Background(), "sweep", func(tx *meta.Tx) error {
							_, err := tx.SweepStates(now.Add(-5*time.Minute), now, 100)
							return err
						})
					default:
						s.append.Run = run
						send(t, db, now, s.append)
					}
					if err != nil {
						t.Fatal(err)
					}
					if _, v := rowsOf(t, db, run, ballast.History); v.Live.State != s.want {
						t.Fatalf("step %d: %s, want %s", i, v.Live.State, s.want)
					}
				}
			})
		})
	}
}

// TestBranches forks a run, rewinds it, and checks that neither disturbs the
// other.
func TestBranches(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		parent, child := newRun(t, db, "parent"), newRun(t, db, "child")
		send(t, db, start, meta.Append{Run: parent, History: textRows(0, numbered("a", 0, 3)...), Events: textRows(0, "e0"), Output: &meta.Lines{Count: 1, Data: []byte("x")}},
			meta.Append{Run: parent, History: textRows(3, numbered("a", 3, 6)...)})
		var line int64
		err := db.Write(context.Background(), "branching", func(tx *meta.Tx) (err error) {
			if err = tx.ForkRows(parent, child, 4, start); err == nil {
				line, err = tx.RewindRows(parent, 2, start)
			}
			return err
		})
		if err != nil || line != 2 {
			t.Fatal(line, err)
		}
		send(t, db, start, meta.Append{Run: child, History: textRows(0, "c0")}, meta.Append{Run: parent, History: textRows(2, "b2"), Events: textRows(0, "f0")},
			meta.Append{Run: child, History: textRows(0, "c0")})
		for _, tt := range []struct {
			run    int64
			stream ballast.Stream
			want   []string
			lines  int64
		}{
			{parent, ballast.History, []string{"a0", "a1", "b2"}, 3}, {parent, ballast.Events, []string{"f0"}, 3},
			{child, ballast.History, []string{"a0", "a1", "a2", "a3", "c0"}, 1},
		} {
			rows, v := rowsOf(t, db, tt.run, tt.stream)
			if d := cmp.Diff(dense(tt.want), rows); d != "" || v.Live.HistoryLines != tt.lines {
				t.Errorf("run %d, %s: %d lines (-want +got):\n%s", tt.run, tt.stream, v.Live.HistoryLines, d)
			}
		}
		// The child starts again: its prefix stays.
		send(t, db, start, meta.Append{Run: child, History: textRows(0, "d0", "d1")})
		if rows, _ := rowsOf(t, db, child, ballast.History); cmp.Diff(dense([]string{"a0", "a1", "a2", "a3", "d0", "d1"}), rows) != "" {
			t.Errorf("child, started again: %v", rows)
		}
	})
}
