package query

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/filestream"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta"
)

// TestPrefix reads a run as of each of its steps, and of steps between, from
// segments and the tail.
func TestPrefix(t *testing.T) {
	s := newSite(t)
	w := s.writer("r")
	config := []byte(`{"_wandb":{"value":{"m":[{"1":"acc","7":[1,2,3,5,8]},{"2":"hid*","7":[6]},{"1":"old","7":[4],"8":2}]}}}`)
	// Steps 0, 10, 20, … 290; rare is only in row 3; hidden never shows.
	for row := range 30 {
		rare := ""
		if row == 3 {
			rare = `,"rare":"here","img":{"_type":"image-file","path":"a.png"}`
		}
		w.send("wandb-history.jsonl", fmt.Sprintf(`{"_step":%d,"acc":%d,"old":%d,"hidden":1,"n":{"x":%d.5}%s}`, row*10, row-3, -row, row, rare))
		if row == 11 || row == 22 {
			w.seal()
		}
	}
	for _, step := range []int64{-1, 0, 5, 30, 110, 119, 120, 225, 289, 290} {
		p, err := s.q.Prefix(context.Background(), w.id, config, step)
		if err != nil {
			t.Fatal(step, err)
		}
		rows := (step + 10) / 10
		if step < 0 {
			rows = 0
		}
		if p.Rows != rows {
			t.Errorf("step %d: %d rows, want %d", step, p.Rows, rows)
		}
		want := "{}"
		if last := rows - 1; last >= 0 {
			want = fmt.Sprintf(`{"_step":%d,"acc":{"first":-3,"last":%d,"max":%d,"mean":%s,"min":-3},`, last*10, last-3, last-3, float(float64(last)/2-3))
			if last >= 3 {
				want += `"img":{"_type":"image-file","path":"a.png"},`
			}
			want += fmt.Sprintf(`"n":{"x":%d.5},"old":{"best":0}`, last)
			if last >= 3 {
				want += `,"rare":"here"`
			}
			want += "}"
		}
		if diff := cmp.Diff(want, string(p.Summary)); diff != "" {
			t.Errorf("step %d (-want +got):\n%s", step, diff)
		}
	}
	if _, err := s.q.Prefix(context.Background(), w.id, config, 291); !ballast.Is(err, ballast.Invalid) {
		t.Errorf("a step that is not there yet: %v", err)
	}
	if _, err := s.q.Prefix(context.Background(), s.writer("empty").id, nil, 0); !ballast.Is(err, ballast.Invalid) {
		t.Errorf("step 0 of a run without history: %v", err)
	}
	if p, err := s.q.Prefix(context.Background(), s.writer("bare").id, nil, -1); err != nil || p.Rows != 0 {
		t.Errorf("nothing of a run without history: %+v, %v", p, err)
	}
}

func float(v float64) string {
	if v == float64(int64(v)) {
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprint(v)
}

// TestPrefixNaN: as in the SDK, one NaN makes min, max and mean NaN; texts do
// not count, and rows without a step count by their number.
func TestPrefixNaN(t *testing.T) {
	s := newSite(t)
	w := s.writer("r")
	w.send("wandb-history.jsonl", `{"a":3}`, `{"a":"x"}`, `{"a":NaN}`, `{"a":1}`)
	config := []byte(`{"_wandb":{"value":{"m":[{"1":"a","7":[1,2,3]}]}}}`)
	for step, want := range map[int64]string{1: `{"a":{"max":3,"mean":3.0,"min":3}}`, 3: `{"a":{"max":NaN,"mean":NaN,"min":NaN}}`} {
		p, err := s.q.Prefix(context.Background(), w.id, config, step)
		if err != nil || p.Rows != step+1 || string(p.Summary) != want {
			t.Errorf("step %d: %d rows, %s, want %s, %v", step, p.Rows, p.Summary, want, err)
		}
	}
}

// TestForkReads: a fork that cuts a segment reads the same from the tail, from
// segments and from merged ones, and so does its parent after it was rewound.
func TestForkReads(t *testing.T) {
	s := newSite(t)
	p, c := s.writer("p"), s.writer("c")
	var want []float64
	log := func(w *writer, from, to int) {
		for i := from; i < to; i++ {
			w.send("wandb-history.jsonl", fmt.Sprintf(`{"_step":%d,"v":%d}`, i, i))
		}
	}
	log(p, 0, 40)
	p.seal()
	log(p, 40, 60)
	prefix, err := s.q.Prefix(context.Background(), p.id, nil, 24)
	if err != nil {
		t.Fatal(err)
	}
	check := func(w *writer, when string) {
		t.Helper()
		st, err := s.q.open(context.Background(), w.id, ballast.History)
		if err != nil {
			t.Fatal(err)
		}
		var got history.Points
		if err := st.series(context.Background(), "v", history.All(), &got); err != nil {
			t.Fatal(when, err)
		}
		if diff := cmp.Diff(want, got.Value); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	if err := s.db.Write(context.Background(), "fork", func(tx *meta.Tx) error {
		if err := tx.ForkRows(p.id, c.id, prefix.Rows, time.Now()); err != nil {
			return err
		}
		_, err := tx.RewindRows(p.id, 50, time.Now())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for i := range 25 {
		want = append(want, float64(i))
	}
	check(c, "forked")
	for part := range 6 {
		log(c, 100+10*part, 110+10*part)
		for i := range 10 {
			want = append(want, float64(100+10*part+i))
		}
		check(c, "tail")
		c.seal()
		check(c, "sealed")
		if err := s.in.Compact(context.Background(), c.id); err != nil {
			t.Fatal(err)
		}
		check(c, "merged")
	}
	want = nil
	for i := range 50 {
		want = append(want, float64(i))
	}
	check(p, "rewound")
	p.seal()
	check(p, "rewound and sealed")
}

// TestRewindPastSegments: a run that is rewound into a segment, and past whole
// ones, reads what is left, goes on, and is sealed and merged again.
func TestRewindPastSegments(t *testing.T) {
	s := newSite(t)
	w := s.writer("r")
	var want []float64
	log := func(from, n int) {
		for i := from; i < from+n; i++ {
			w.send("wandb-history.jsonl", fmt.Sprintf(`{"_step":%d,"v":%d}`, len(want), i))
			want = append(want, float64(i))
		}
	}
	check := func(when string) {
		t.Helper()
		st, err := s.q.open(context.Background(), w.id, ballast.History)
		if err != nil {
			t.Fatal(err)
		}
		var got history.Points
		if err := st.series(context.Background(), "v", history.All(), &got); err != nil {
			t.Fatal(when, err)
		}
		if diff := cmp.Diff(want, got.Value, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	for part := range 3 {
		log(100*part, 10)
		w.seal()
	}
	log(300, 5)
	for i, step := range []int64{31, 24, 9, 4, -1} {
		prefix, err := s.q.Prefix(context.Background(), w.id, nil, step)
		if err != nil {
			t.Fatal(err)
		}
		var lines int64
		if err := s.db.Write(context.Background(), "rewind", func(tx *meta.Tx) error {
			lines, err = tx.RewindRows(w.id, prefix.Rows, time.Now())
			return err
		}); err != nil || prefix.Rows != step+1 || lines != step+1 {
			t.Fatalf("to step %d: rows %d, lines %d, %v", step, prefix.Rows, lines, err)
		}
		want, w.lines["wandb-history.jsonl"] = want[:step+1], int(lines)
		check(fmt.Sprint("rewound to ", step))
		log(1000*(i+1), 3)
		check("gone on")
		w.seal()
		if err := s.in.Compact(context.Background(), w.id); err != nil {
			t.Fatal(err)
		}
		check("sealed and merged")
	}
}

// TestDerived: the summary that the write path derives row by row is the one
// that the read path finds in the rows; what the client set itself lies over
// it, and requests that come twice count once.
func TestDerived(t *testing.T) {
	s := newSite(t)
	config := []byte(`{"_wandb":{"value":{"m":[{"1":"acc","7":[1,2,3,5,8]},{"2":"hid*","7":[6]},{"1":"old","7":[4],"8":2}]}}}`)
	run := s.run(ballast.Run{Name: "r", Config: config}, "")
	send := func(writer, body string) {
		t.Helper()
		req, err := filestream.Decode([]byte(body), new(filestream.Decoder))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.in.Append(context.Background(), ingest.Request{RunID: run.ID, Writer: writer, Derive: true, Request: req}); err != nil {
			t.Fatal(err)
		}
	}
	check := func(writer, set string) {
		t.Helper()
		p, err := s.q.Prefix(context.Background(), run.ID, config, rowsSoFar(t, s, run.ID)-1)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.TrimSuffix(string(p.Summary), "}") + set + "}"
		var got []byte
		if err := s.db.Read(context.Background(), func(tx *meta.Tx) (err error) {
			got, err = tx.Summary(run.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("writer %q (-want +got):\n%s", writer, diff)
		}
	}
	row := func(i int) string {
		return fmt.Sprintf(`"{\"_step\":%d,\"acc\":%d.5,\"old\":%d,\"hidden\":1,\"n\":{\"x\":%d},\"t\":\"a\\\"b\",\"one%d\":NaN}"`, i, (i*7)%5, -i, i, i)
	}
	for i := range 8 {
		body := fmt.Sprintf(`{"files":{"wandb-history.jsonl":{"offset":%d,"content":[%s,%s]}}}`, 2*i, row(2*i), row(2*i+1))
		send("", body)
		check("", "")
		send("", body) // again
		check("", "")
	}
	send("", fmt.Sprintf(`{"files":{"wandb-history.jsonl":{"offset":14,"content":[%s,%s,%s]},"wandb-summary.json":{"offset":0,"content":["{\"set\":{\"a\":1}}"]}}}`, row(14), row(15), row(16)))
	check("", `,"set":{"a":1}`)
	// Processes of a shared run: the server gives the steps.
	for i := range 3 {
		send(fmt.Sprint("w", i), fmt.Sprintf(`{"files":{"wandb-history.jsonl":{"offset":0,"content":[%s]},"wandb-summary.json":{"offset":0,"content":["{\"w%d\":1}"]}}}`, row(40+i), i))
	}
	check("shared", `,"set":{"a":1},"w0":1,"w1":1,"w2":1`)
}

func rowsSoFar(t *testing.T, s *site, run int64) (n int64) {
	t.Helper()
	if err := s.db.Read(context.Background(), func(tx *meta.Tx) error {
		v, err := tx.Counters(run, ballast.History)
		n = v.Rows
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}
