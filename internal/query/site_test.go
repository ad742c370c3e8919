package query

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/fileblob"
	"github.com/ballast-ml/ballast/internal/cache/memcache"
	"github.com/ballast-ml/ballast/internal/filestream"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
)

// site is a store, a bucket, the write path and the read path over them.
type site struct {
	*shelf
	in *ingest.Ingest
	q  *Query
}

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{shelf: newShelf(t, metatest.Open(t))}
	bucket, err := fileblob.Open(t.TempDir(), fileblob.Options{})
	if err != nil {
		t.Fatal(err)
	}
	// Whatever is in the tail is sealed when a test says so.
	s.in, err = ingest.Open(context.Background(), s.db, bucket, sqlqueue.New(s.db), ingest.Options{Seal: ingest.SealOptions{Wide: 1, BlockOf: 50, Window: 20, Merge: 3}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.in.Close() })
	s.q = New(s.db, map[int]blob.Bucket{0: bucket}, memcache.New(1<<20), Options{Workers: 2})
	return s
}

// writer is a client of one run's file stream.
type writer struct {
	*site
	id    int64
	lines map[string]int // sent so far, by file
}

func (s *site) writer(name string) *writer {
	r := s.run(ballast.Run{Name: name}, "")
	return &writer{site: s, id: r.ID, lines: map[string]int{}}
}

// send appends lines of a file in one request.
func (w *writer) send(file string, lines ...string) {
	w.t.Helper()
	quoted := make([]string, len(lines))
	for i, l := range lines {
		quoted[i] = string(history.AppendText(nil, l))
	}
	body := fmt.Sprintf(`{"files":{%q:{"offset":%d,"content":[%s]}}}`, file, w.lines[file], strings.Join(quoted, ","))
	req, err := filestream.Decode([]byte(body), new(filestream.Decoder))
	if err != nil {
		w.t.Fatalf("%.300s: %v", body, err)
	}
	if _, err := w.in.Append(context.Background(), ingest.Request{RunID: w.id, Request: req}); err != nil {
		w.t.Fatal(err)
	}
	w.lines[file] += len(lines)
}

func (w *writer) seal() {
	w.t.Helper()
	if err := w.in.Seal(context.Background(), w.id); err != nil {
		w.t.Fatal(err)
	}
}

const (
	historyFile = "wandb-history.jsonl"
	eventsFile  = "wandb-events.jsonl"
	outputFile  = "output.log"
)

// modelRow is a row as a list of keys and values; the naive computations work
// on these.
type modelRow struct {
	row  int64
	step int64
	vals map[string]any // flat names; float64, int64 or string
}

// number returns a value as a number.
func (r modelRow) number(key string) (float64, bool) {
	switch v := r.vals[key].(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	}
	return 0, false
}

func (r modelRow) has(keys ...string) bool {
	for _, k := range keys {
		if _, ok := r.vals[k]; !ok {
			return false
		}
	}
	return true
}

// jsonOf is a value as the SDK writes it.
func jsonOf(v any) string {
	switch v := v.(type) {
	case float64:
		return string(history.AppendNumber(nil, v, history.Float, false))
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return string(history.AppendText(nil, v.(string)))
}

// line is the row as the SDK sends it: dotted names nested.
func (r modelRow) line() string {
	var b strings.Builder
	b.WriteByte('{')
	for _, k := range []string{"loss", "acc", "word", "count", "_step", "_runtime", "_timestamp"} {
		if v, ok := r.vals[k]; ok {
			fmt.Fprintf(&b, "%q:%s,", k, jsonOf(v))
		}
	}
	b.WriteString(`"dict":{"pad":null`)
	for _, k := range []string{"dict.a", "dict.b"} {
		if v, ok := r.vals[k]; ok {
			fmt.Fprintf(&b, ",%q:%s", k[5:], jsonOf(v))
		}
	}
	return b.String() + "}}"
}

// modelRows are n rows of a training run: a noisy loss with spikes and special
// numbers, an accuracy every tenth row, a text, nested numbers, a counter, and
// steps that sometimes jump and sometimes repeat.
func modelRows(n int, seed uint64) []modelRow {
	random := rand.New(rand.NewPCG(seed, 7))
	rows, step := make([]modelRow, n), int64(0)
	for i := range rows {
		if i > 0 {
			switch random.IntN(20) {
			case 0: // repeats
			case 1:
				step += int64(random.IntN(50))
			default:
				step++
			}
		}
		vals := map[string]any{"_step": step, "_runtime": float64(i) * 0.5, "_timestamp": 1.7e9 + float64(i)*0.5, "count": int64(i)}
		loss := 1/(1+float64(i)/100) + random.NormFloat64()*0.01
		switch random.IntN(60) {
		case 0:
			loss = math.NaN()
		case 1:
			loss = math.Inf(1)
		case 2:
			loss = math.Inf(-1)
		case 3:
			loss *= 1e6
		}
		if random.IntN(15) > 0 {
			vals["loss"] = loss
		}
		if i%10 == 3 {
			vals["acc"] = random.Float64()
		}
		if random.IntN(7) == 0 {
			vals["word"] = fmt.Sprintf("w\"%d", i)
		}
		vals["dict.a"] = int64(random.IntN(100))
		if random.IntN(3) == 0 {
			vals["dict.b"] = random.Float64()
		}
		rows[i] = modelRow{row: int64(i), step: step, vals: vals}
	}
	return rows
}

// layouts are the ways in which rows can lie: how many batches, and after
// which the tail is sealed.
var layouts = []struct {
	name   string
	sealed func(batch, batches int) bool
}{
	{"tail", func(int, int) bool { return false }},
	{"sealed", func(b, n int) bool { return b == n-1 }},
	{"segments and tail", func(b, n int) bool { return b%3 == 2 && b < n-2 }},
	{"segments", func(b, n int) bool { return b%2 == 1 || b == n-1 }},
}

// write sends rows in batches and seals as a layout says.
func (w *writer) write(rows []modelRow, batch int, sealed func(int, int) bool) {
	w.t.Helper()
	batches := (len(rows) + batch - 1) / batch
	for b := range batches {
		var lines []string
		for _, r := range rows[b*batch : min((b+1)*batch, len(rows))] {
			lines = append(lines, r.line())
		}
		w.send(historyFile, lines...)
		if sealed(b, batches) {
			w.seal()
		}
	}
}
