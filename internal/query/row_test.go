package query

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// parsed reads a row of an answer back: numbers without . or e are int64.
func parsed(t *testing.T, js string) map[string]any {
	t.Helper()
	p := parser{s: js}
	row := map[string]any{}
	err := p.members(func(key string) error {
		start := p.i
		v, err := p.value(0)
		raw := strings.TrimSpace(js[start:p.i])
		switch {
		case v.kind == text:
			row[key] = v.str
		case v.kind == number && !strings.ContainsAny(raw, ".eNI"):
			row[key] = int64(v.num)
		case v.kind == number:
			row[key] = v.num
		case v.kind == null:
			row[key] = nil
		}
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", js, err)
	}
	return row
}

func p64(n int64) *int64 { return &n }

// sampled is the naive choice of rows.
func sampled(rows []modelRow, samples int) []modelRow {
	if len(rows) <= samples {
		return rows
	}
	var out []modelRow
	for i := range samples {
		at := len(rows) - 1
		if samples > 1 {
			at = i * (len(rows) - 1) / (samples - 1)
		}
		out = append(out, rows[at])
	}
	return out
}

func inSteps(rows []modelRow, low, high int64, keys ...string) []modelRow {
	var out []modelRow
	for _, r := range rows {
		if r.step >= low && r.step < high && r.has(keys...) {
			out = append(out, r)
		}
	}
	return out
}

// special is a value as the JSON values of GraphQL have it.
func quotedValue(v any) any {
	if f, ok := v.(float64); ok && (f != f || math.IsInf(f, 0)) {
		return jsonOf(v)
	}
	return v
}

func TestRowsAgainstNaive(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	for i, layout := range layouts {
		rows := modelRows(3000, uint64(i))
		w := s.writer(fmt.Sprintf("r%d", i))
		w.write(rows, 130, layout.sealed)
		last := rows[len(rows)-1].step
		check := func(what string, want []modelRow, got []string, keys ...string) {
			t.Helper()
			if len(got) != len(want) {
				t.Errorf("%s: %s: %d rows, want %d", layout.name, what, len(got), len(want))
				return
			}
			for j, r := range want {
				expect := map[string]any{}
				if len(keys) == 0 {
					expect["dict.pad"] = nil
					for k, v := range r.vals {
						expect[k] = v
					}
				}
				for _, k := range keys {
					expect[k] = quotedValue(r.vals[k])
				}
				if diff := cmp.Diff(expect, parsed(t, got[j]), cmpopts.EquateNaNs()); diff != "" {
					t.Errorf("%s: %s: row %d is %s: %s", layout.name, what, r.row, got[j], diff)
					return
				}
			}
		}
		history := func(rq RowQuery) []string {
			t.Helper()
			got, err := s.q.History(ctx, w.id, rq)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		check("samples 100", sampled(rows, 100), history(RowQuery{Samples: 100}))
		check("samples 1", sampled(rows, 1), history(RowQuery{Samples: 1}))
		check("all", rows, history(RowQuery{Samples: 5000}))
		check("range", inSteps(rows, 500, 2000), history(RowQuery{MinStep: p64(500), MaxStep: p64(2000), Samples: 50}))
		check("from", sampled(inSteps(rows, last-40, math.MaxInt64), 500), history(RowQuery{MinStep: p64(last - 40)}))
		check("none", nil, history(RowQuery{MinStep: p64(last + 1), MaxStep: p64(last + 100)}))
		var scan []string
		for low := int64(0); low <= last; low += 1000 {
			high := min(low+1000, last+1)
			scan = append(scan, history(RowQuery{MinStep: &low, MaxStep: &high, Samples: int(high - low)})...)
		}
		check("scan_history", rows, scan)

		sample := func(spec SampleSpec) []string {
			t.Helper()
			got, err := s.q.Sampled(ctx, w.id, spec)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, r := range got {
				if !json.Valid(r) {
					t.Fatalf("%s is no JSON", r)
				}
				out = append(out, string(r))
			}
			return out
		}
		for _, keys := range [][]string{{"_step", "loss"}, {"acc", "loss"}, {"dict.b", "word"}, {"count"}, {"dict.a", "_runtime", "acc"}, {"_timestamp", "loss"}, {"count", "loss"}} {
			all := inSteps(rows, math.MinInt64, math.MaxInt64, keys...)
			check(fmt.Sprint(keys), sampled(all, 200), sample(SampleSpec{Keys: keys, Samples: 200}), keys...)
			check(fmt.Sprint(keys, " of steps"), sampled(inSteps(rows, 100, 1901, keys...), 30), sample(SampleSpec{Keys: keys, Samples: 30, MinStep: p64(100), MaxStep: p64(1900)}), keys...)
			check(fmt.Sprint(keys, " page"), inSteps(rows, 100, 601, keys...), sample(SampleSpec{Keys: keys, Samples: 500, MinStep: p64(100), MaxStep: p64(600)}), keys...)
		}
		check("unknown key", nil, sample(SampleSpec{Keys: []string{"loss", "nowhere"}}))
	}
}

func TestScanWithoutSteps(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	w := s.writer("r")
	w.send(historyFile, `{"x":0}`, `{"x":1,"_step":7}`, `{"x":2}`, `{"x":3,"_step":3}`)
	w.seal()
	w.send(historyFile, `{"x":4}`, `{"x":5}`)
	seen := map[string]int{}
	for low := int64(0); low < 10; low++ {
		rows, err := s.q.History(ctx, w.id, RowQuery{MinStep: p64(low), MaxStep: p64(low + 1), Samples: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			seen[r]++
		}
	}
	if len(seen) != 6 {
		t.Errorf("met %v, want 6 rows once each", seen)
	}
}

func TestNames(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	w := s.writer("r")
	w.send(historyFile, `{"a":{"b":1},"a.b":2,"c.d":3,"back\\slash":4,"_step":0}`)
	rows, err := s.q.History(ctx, w.id, RowQuery{})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%v %v", rows, err)
	}
	want := map[string]any{"a.b": int64(1), `a\.b`: int64(2), "c.d": int64(3), `back\slash`: int64(4), "_step": int64(0)}
	if diff := cmp.Diff(want, parsed(t, rows[0])); diff != "" {
		t.Errorf("%s: %s", rows[0], diff)
	}
	for key, v := range want {
		got, err := s.q.Sampled(ctx, w.id, SampleSpec{Keys: []string{key}})
		if err != nil || len(got) != 1 || parsed(t, string(got[0]))[key] != v {
			t.Errorf("%s: got %s, %v", key, got, err)
		}
	}
	keys, err := s.q.Keys(ctx, w.id)
	if err != nil {
		t.Fatal(err)
	}
	for key := range want {
		if _, ok := keys.Keys[key]; !ok {
			t.Errorf("historyKeys has no %s", key)
		}
	}
}

func TestTails(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	w := s.writer("r")
	check := func(what string, got string, err error, want ...string) {
		t.Helper()
		var rows []string
		if err != nil || json.Unmarshal([]byte(got), &rows) != nil {
			t.Fatalf("%s: %q, %v", what, got, err)
		}
		if diff := cmp.Diff(want, rows, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	got, err := s.q.HistoryTail(ctx, w.id, 1)
	check("empty", got, err)
	w.send(historyFile, `{"_step":0,"x":1}`, `{"_step":1,"x":NaN}`)
	w.send(eventsFile, `{"system.cpu":1,"_runtime":1}`, `{"system.cpu":2.5}`)
	for range 2 {
		got, err = s.q.HistoryTail(ctx, w.id, 1)
		check("history", got, err, `{"_step":1,"x":NaN}`)
		got, err = s.q.HistoryTail(ctx, w.id, 9)
		check("whole history", got, err, `{"_step":0,"x":1}`, `{"_step":1,"x":NaN}`)
		got, err = s.q.EventsTail(ctx, w.id, 1)
		check("events", got, err, `{"system.cpu":2.5}`)
		w.seal()
	}
	if got, err := s.q.SystemMetrics(ctx, w.id); err != nil || !strings.Contains(got, `"system.cpu":2.5`) {
		t.Errorf("system metrics: %s, %v", got, err)
	}
	events, err := s.q.Events(ctx, w.id, 10)
	if err != nil || len(events) != 2 {
		t.Errorf("events: %q, %v", events, err)
	}
}

// What `wandb verify` asserts of historyKeys (PROTOCOL 7.1).
func TestVerifyKeys(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	w := s.writer("r")
	if keys, err := s.q.Keys(ctx, w.id); keys != nil || err != nil {
		t.Errorf("a run without rows: %+v, %v", keys, err)
	}
	for i := range 11 {
		w.send(historyFile, fmt.Sprintf(`{"loss":%v,"_step":%d,"ok":true,"word":"x","nan":NaN,"dict":{"val1":1.0,"val2":2},"HT%%3ML ":{"_type":"html-file","path":"x"}}`, 1-float64(i)/10, i))
	}
	w.seal()
	w.send(historyFile, `{"loss":0.1,"_step":11,"dict":{"val1":1.0,"val2":2}}`)
	keys, err := s.q.Keys(ctx, w.id)
	if err != nil {
		t.Fatal(err)
	}
	js, err := json.Marshal(keys)
	if err != nil {
		t.Fatalf("historyKeys is no JSON: %v", err)
	}
	var doc struct {
		LastStep int
		Keys     map[string]struct {
			PreviousValue any
			Monotonic     bool
			TypeCounts    []TypeCount
		}
	}
	if err := json.Unmarshal(js, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.LastStep != 11 || doc.Keys["loss"].PreviousValue != 0.1 || doc.Keys["dict.val1"].PreviousValue != 1.0 || doc.Keys["dict.val2"].PreviousValue != 2.0 || doc.Keys["nan"].PreviousValue != "NaN" {
		t.Errorf("%s", js)
	}
	if _, ok := doc.Keys["HT%3ML "]; !ok {
		t.Errorf("the media key is missing: %s", js)
	}
	for key, want := range map[string][]TypeCount{"loss": {{"number", 12}}, "ok": {{"boolean", 11}}, "word": {{"string", 11}}, "HT%3ML ": {{"html-file", 11}}} {
		if diff := cmp.Diff(want, doc.Keys[key].TypeCounts); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
	}
	if doc.Keys["loss"].Monotonic || !doc.Keys["_step"].Monotonic {
		t.Errorf("loss or _step: monotonic is wrong: %s", js)
	}
}

func TestSampleSpec(t *testing.T) {
	got, err := ParseSampleSpec(`{"keys":["loss","_step","_step"],"samples":100,"minStep":5,"maxStep":99,"foo":1}`)
	if diff := cmp.Diff(SampleSpec{Keys: []string{"loss", "_step"}, Samples: 100, MinStep: p64(5), MaxStep: p64(99)}, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if got, err := ParseSampleSpec(`{"keys":["loss"],"minStep":null}`); err != nil || got.Samples != 500 || got.MinStep != nil {
		t.Errorf("%+v %v", got, err)
	}
	for _, bad := range []string{``, `[]`, `{}`, `{"keys":[]}`, `{"keys":"loss"}`, `{"keys":["x"],"samples":-1}`} {
		if _, err := ParseSampleSpec(bad); !ballast.Is(err, ballast.Invalid) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestSampleAt(t *testing.T) {
	for _, n := range []int64{501, 1000, 1 << 40} {
		for _, samples := range []int64{1, 2, 3, 500} {
			last := int64(-1)
			for i := range samples {
				at := sampleAt(i, samples, n)
				if at <= last || at >= n {
					t.Fatalf("sample %d of %d of %d rows is %d after %d", i, samples, n, at, last)
				}
				last = at
			}
			if last != n-1 || samples > 1 && sampleAt(0, samples, n) != 0 {
				t.Errorf("%d samples of %d rows do not hold the first and the last", samples, n)
			}
		}
	}
}
