package trial_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"
)

const keysOfRow = 20

// deletedKey is the key that a trial deletes, the last in order of name.
const deletedKey = 9

// value is what row n of a run has under its k-th key, exact in a float32, so
// that a panel shows it bit by bit.
func value(run, n, k int) float64 {
	x := uint64(run)<<48 ^ uint64(n)<<8 ^ uint64(k)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return float64(int32(x>>40)-1<<23) / (1 << 20)
}

// line is row n as the SDK writes it, with its quotes escaped.
func (c *client) line(n int) []byte {
	b := strconv.AppendInt([]byte(`"{\"_step\":`), int64(n), 10)
	for k := range keysOfRow {
		b = strconv.AppendInt(append(b, `,\"k`...), int64(k), 10)
		b = strconv.AppendFloat(append(b, `\":`...), value(c.run, n, k), 'g', -1, 64)
	}
	if n%17 == 0 {
		b = append(strconv.AppendInt(append(b, `,\"text\":\"row `...), int64(n), 10), `\"`...)
	}
	return append(b, `}"`...)
}

// client is one training process: it logs rows to a run of its own.
type client struct {
	s    *server
	run  int
	rnd  *rand.Rand
	http *http.Client

	portion int         // rows of a request, at most; 100
	deleted int         // rows below have lost deletedKey
	acked   int         // rows that were acknowledged
	pending int         // rows behind them that were sent when the load stopped, without an answer
	again   int         // requests sent again
	codes   map[int]int // replies by status
	failed  error
}

func newClient(s *server, run int) *client {
	return &client{s: s, run: run, rnd: rand.New(rand.NewPCG(uint64(run), 7)), codes: map[int]int{},
		http: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 1}}}
}

func (c *client) name() string { return fmt.Sprintf("run-%d", c.run) }

// body is a request with rows [from, from+n), a console line for each, and the
// summary after them.
func (c *client) body(from, n int, end bool) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"files":{"wandb-history.jsonl":{"offset":%d,"content":[`, from)
	for i := from; i < from+n; i++ {
		if i > from {
			b.WriteByte(',')
		}
		b.Write(c.line(i))
	}
	fmt.Fprintf(&b, `]},"output.log":{"offset":%d,"content":[`, from)
	for i := from; i < from+n; i++ {
		if i > from {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"line %d"`, i)
	}
	fmt.Fprintf(&b, `]},"wandb-summary.json":{"offset":0,"content":[%s]}}`, c.line(from+n-1))
	if end {
		b.WriteString(`,"complete":true,"exitcode":0`)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// send posts a body once and returns the status.
func (c *client) send(ctx context.Context, path string, body []byte) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, "POST", c.s.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.SetBasicAuth("api", c.s.key)
	req.Header.Set("Content-Type", "application/json")
	res, err := c.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	reply, err := io.ReadAll(res.Body)
	return res.StatusCode, reply, err
}

// create makes the run.
func (c *client) create() error {
	query := fmt.Sprintf(`mutation{upsertBucket(input:{entityName:"ada",modelName:"trial",name:%q}){bucket{name}}}`, c.name())
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		return err
	}
	if code, reply, err := c.send(context.Background(), "/graphql", body); err != nil || code != http.StatusOK {
		return fmt.Errorf("making %s: %d %s %w", c.name(), code, reply, err)
	}
	return nil
}

// deliver sends a body until it is acknowledged, or until stop. Now and then
// it hangs up before the reply comes, as a network does.
func (c *client) deliver(stop <-chan struct{}, body []byte) bool {
	path := "/files/ada/trial/" + c.name() + "/file_stream"
	for {
		ctx, cancel := context.Background(), context.CancelFunc(func() {})
		if c.rnd.IntN(20) == 0 {
			ctx, cancel = context.WithTimeout(ctx, time.Duration(c.rnd.IntN(4000))*time.Microsecond)
		}
		code, reply, err := c.send(ctx, path, body)
		cancel()
		if err == nil {
			c.codes[code]++
		}
		switch {
		case err == nil && code == http.StatusOK:
			return true
		case err == nil && code != http.StatusTooManyRequests && code < 500:
			c.failed = fmt.Errorf("%s got %d, which ends a run for good: %.300s", c.name(), code, reply)
			return false
		}
		c.again++
		select {
		case <-stop:
			return false
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// log sends rows until stop, or until there are `most` rows.
func (c *client) log(stop <-chan struct{}, most int) {
	for c.acked < most {
		n := min(1+c.rnd.IntN(cmp.Or(c.portion, 100)), most-c.acked)
		if !c.deliver(stop, c.body(c.acked, n, false)) {
			c.pending = n
			return
		}
		c.acked += n
		select {
		case <-stop:
			return
		default:
		}
	}
}

// logAll has every client log until the function that it returns is called.
func logAll(clients []*client, most int) (stop func()) {
	end := make(chan struct{})
	var all sync.WaitGroup
	for _, c := range clients {
		all.Go(func() { c.log(end, most) })
	}
	return sync.OnceFunc(func() { close(end); all.Wait() })
}

// verify reads everything back and compares: the rows that were acknowledged,
// once and in order. A last request whose reply was lost may be there too.
func (c *client) verify(t *testing.T) (rows int) {
	t.Helper()
	rows = c.rowsThere(t)
	if rows < c.acked || rows > c.acked+100 {
		t.Errorf("%s: %d rows are there, %d were acknowledged", c.name(), rows, c.acked)
	}
	c.checkPanel(t, rows)
	return rows
}

// rowsThere reads every row, compares it, and counts them.
func (c *client) rowsThere(t *testing.T) (rows int) {
	t.Helper()
	if c.failed != nil {
		t.Error(c.failed)
	}
	for next := 0; ; {
		got := c.history(t, next, next+2000)
		for _, text := range got {
			c.checkRow(t, rows, text)
			rows++
		}
		if next += 2000; len(got) < 2000 {
			break
		}
	}
	return rows
}

func (c *client) checkRow(t *testing.T, n int, text string) {
	t.Helper()
	if text == c.expected(n) {
		return
	}
	var row map[string]any
	if err := json.Unmarshal([]byte(text), &row); err != nil {
		t.Fatalf("%s row %d: %v: %.200s", c.name(), n, err, text)
	}
	want := 1 + keysOfRow
	if n < c.deleted {
		want--
	}
	if n%17 == 0 {
		want++
		if row["text"] != fmt.Sprintf("row %d", n) {
			t.Fatalf("%s row %d: text %v", c.name(), n, row["text"])
		}
	}
	if row["_step"] != float64(n) || len(row) != want {
		t.Fatalf("%s row %d is %.200s", c.name(), n, text)
	}
	for k := range keysOfRow {
		if n < c.deleted && k == deletedKey {
			continue
		}
		if row[fmt.Sprintf("k%d", k)] != value(c.run, n, k) {
			t.Fatalf("%s row %d key k%d is %v, want %v", c.name(), n, k, row[fmt.Sprintf("k%d", k)], value(c.run, n, k))
		}
	}
}

// expected is row n as the server prints it: keys by name, floats with a point.
func (c *client) expected(n int) string {
	b := strconv.AppendInt([]byte(`{"_step":`), int64(n), 10)
	for _, k := range sortedKeys {
		if n < c.deleted && k == deletedKey {
			continue
		}
		b = strconv.AppendInt(append(b, `,"k`...), int64(k), 10)
		b = strconv.AppendFloat(append(b, `":`...), value(c.run, n, k), 'g', -1, 64)
	}
	if n%17 == 0 {
		b = append(strconv.AppendInt(append(b, `,"text":"row `...), int64(n), 10), '"')
	}
	return string(append(b, '}'))
}

// sortedKeys are the numbers of keys in the order of their names.
var sortedKeys = [keysOfRow]int{0, 1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 2, 3, 4, 5, 6, 7, 8, 9}

// history reads rows with from <= _step < to as scan_history does.
func (c *client) history(t *testing.T, from, to int) []string {
	t.Helper()
	query := fmt.Sprintf(`{project(name:"trial",entityName:"ada"){run(name:%q){history(minStep:%d,maxStep:%d,samples:%d)}}}`, c.name(), from, to, to-from)
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	code, reply, err := c.send(context.Background(), "/graphql", body)
	if err != nil || code != http.StatusOK {
		t.Fatalf("history of %s: %d %.300s %v", c.name(), code, reply, err)
	}
	var out struct {
		Data struct {
			Project struct{ Run struct{ History []string } }
		}
		Errors []any
	}
	if err := json.Unmarshal(reply, &out); err != nil || len(out.Errors) > 0 {
		t.Fatalf("history of %s: %v: %.300s", c.name(), err, reply)
	}
	return out.Data.Project.Run.History
}

// checkPanel compares a chart of one key with the rows.
func (c *client) checkPanel(t *testing.T, rows int) {
	t.Helper()
	body := fmt.Sprintf(`{"project":"ada/trial","runs":[%q],"key":"k3","x":"_step","stream":"history","buckets":500}`, c.name())
	code, reply, err := c.send(context.Background(), "/api/panel", []byte(body))
	if err != nil || code != http.StatusOK || len(reply) < 8 {
		t.Fatalf("panel of %s: %d %.300s %v", c.name(), code, reply, err)
	}
	var meta struct {
		Grid struct{ Start, Width, N int }
		Runs []struct {
			Mode     string
			N, Total int
		}
	}
	size := binary.LittleEndian.Uint32(reply[4:])
	if err := json.Unmarshal(reply[8:8+size], &meta); err != nil || len(meta.Runs) != 1 {
		t.Fatalf("panel of %s: %v: %.300s", c.name(), err, reply[8:8+size])
	}
	r, data := meta.Runs[0], reply[8+size:]
	if r.Total != rows {
		t.Errorf("the panel of %s has %d points, there are %d rows", c.name(), r.Total, rows)
	}
	if r.Mode != "grid" {
		return
	}
	round := func(n int) int { return (n + 7) / 8 * 8 }
	bits := round((r.N + 7) / 8)
	column := func(i, at int) float32 {
		return math.Float32frombits(binary.LittleEndian.Uint32(data[2*bits+i*round(4*r.N)+4*at:]))
	}
	seen := 0
	for i := range r.N {
		from := max(0, meta.Grid.Start+i*meta.Grid.Width)
		to := min(rows, meta.Grid.Start+(i+1)*meta.Grid.Width)
		if to <= from {
			continue
		}
		low, high := math.Inf(1), math.Inf(-1)
		for n := from; n < to; n++ {
			v := value(c.run, n, 3)
			low, high = min(low, v), max(high, v)
		}
		want := [4]float32{float32(value(c.run, to-1, 3)), float32(low), float32(high), float32(to - from)}
		if got := [4]float32{column(0, i), column(1, i), column(2, i), column(3, i)}; got != want {
			t.Fatalf("bucket %d of %s (steps %d to %d): last, min, max, count are %v, want %v", i, c.name(), from, to-1, got, want)
		}
		seen += to - from
	}
	if seen != rows {
		t.Errorf("the panel of %s covers %d of %d rows", c.name(), seen, rows)
	}
}
