package server

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

const r1Stream = "/files/red/secret/r1/file_stream"

func rows(offset int, lines ...string) string {
	quoted := make([]string, len(lines))
	for i, l := range lines {
		quoted[i] = fmt.Sprintf("%q", l)
	}
	return fmt.Sprintf(`{"files":{"wandb-history.jsonl":{"offset":%d,"content":[%s]}}}`, offset, strings.Join(quoted, ","))
}

func zip(t *testing.T, body string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, body)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestStream(t *testing.T) {
	st := newStage(t)
	send := func(body string, h ...header) reply {
		t.Helper()
		return st.do("member", "POST", r1Stream, strings.NewReader(body), h...)
	}
	if r := send(rows(0, `{"_step":0,"loss":1}`, `{"_step":1,"loss":NaN}`)); r.status != 200 || r.body != `{"exitcode":null,"limits":{}}` {
		t.Fatalf("first rows: %d %s", r.status, r.body)
	}
	if r := send(zip(t, rows(2, `{"_step":2,"loss":0.5}`)), header{"Content-Encoding": "gzip", "Content-Type": "application/json"}); r.status != 200 {
		t.Fatalf("gzip: %d %s", r.status, r.body)
	}
	for range 2 { // sent again: nothing doubles
		if r := send(rows(2, `{"_step":2,"loss":0.5}`)); r.status != 200 {
			t.Fatalf("again: %d %s", r.status, r.body)
		}
	}
	if got := st.run("r1").Live; got.HistoryLines != 3 || got.Rows != 3 {
		t.Errorf("the run has %d lines and %d rows, want 3", got.HistoryLines, got.Rows)
	}
	if err := st.DB.Write(t.Context(), "stop", func(tx *meta.Tx) error { return tx.SetRunStop(st.Run.ID, true) }); err != nil {
		t.Fatal(err)
	}
	if r := send(`{}`); r.status != 200 || !strings.Contains(r.body, `"stopped":true`) {
		t.Errorf("heartbeat of a stopped run: %d %s", r.status, r.body)
	}
	if r := send(`{"complete":true,"exitcode":3}`); r.status != 200 {
		t.Errorf("complete: %d %s", r.status, r.body)
	}
	if got := st.run("r1").Live; !got.State.Ended() {
		t.Errorf("after complete the run is %s", got.State)
	}
}

// TestBadStream is issue 3, F: each gets its status, and nothing is stored.
func TestBadStream(t *testing.T) {
	st := newStage(t)
	if r := st.do("member", "POST", r1Stream, strings.NewReader(rows(0, `{"_step":0,"loss":1}`))); r.status != 200 {
		t.Fatalf("preparing: %d %s", r.status, r.body)
	}
	before := st.run("r1").Live
	long := strings.Repeat("n", 2000)
	gz := header{"Content-Encoding": "gzip"}
	bomb := zip(t, `{"files":{"wandb-history.jsonl":{"offset":1,"content":["`+strings.Repeat("x", 20<<20)+`"]}}}`)
	for _, c := range []struct {
		name, role, path, body string
		header                 header
		status                 int
		says                   string
	}{
		{"malformed JSON", "member", r1Stream, `{"files":`, nil, 400, ""},
		{"not an object", "member", r1Stream, `[1]`, nil, 400, ""},
		{"empty body", "member", r1Stream, ``, nil, 400, ""},
		{"negative offset", "member", r1Stream, rows(-1, `{"a":1}`), nil, 400, ""},
		{"offset no number", "member", r1Stream, `{"files":{"wandb-history.jsonl":{"offset":"x","content":["{}"]}}}`, nil, 400, ""},
		{"gap", "member", r1Stream, rows(9, `{"_step":9,"loss":1}`), nil, 503, "have not arrived"},
		{"over the limit", "member", r1Stream, rows(1, `{"a":"`+strings.Repeat("x", 2<<20)+`"}`), nil, 413, "1048576"},
		{"gzip bomb", "member", r1Stream, bomb, gz, 413, "gunzip"},
		{"not gzip", "member", r1Stream, `{}`, gz, 400, "gzip"},
		{"cut gzip", "member", r1Stream, bomb[:len(bomb)/2], gz, 413, ""},
		{"short cut gzip", "member", r1Stream, zip(t, `{}`)[:15], gz, 400, "gzip"},
		{"binary body", "member", r1Stream, `x`, header{"Content-Type": "application/vnd.wandb.filestream.v1+protobuf"}, 415, "application/json"},
		{"writer's id", "member", r1Stream, `{}`, header{"X-WANDB-ASYNC-CLIENT-ID": long}, 400, "CLIENT-ID"},
		{"unknown run", "member", "/files/red/secret/nope/file_stream", `{}`, nil, 404, "nope"},
		{"unknown project", "member", "/files/red/nope/r1/file_stream", `{}`, nil, 404, "does not exist"},
		{"foreign entity", "stranger", r1Stream, `{}`, nil, 404, "does not exist"},
		{"viewer", "viewer", r1Stream, `{}`, nil, 403, ""},
		{"nobody", "nobody", r1Stream, `{}`, nil, 401, ""},
		{"expired key", "expired", r1Stream, `{}`, nil, 401, "expired"},
		{"disabled user", "disabled", r1Stream, `{}`, nil, 401, "disabled"},
		{"unknown key", "", r1Stream, `{}`, header{"Authorization": basic("local-" + strings.Repeat("0", 40))}, 401, "not known"},
		{"name of 2,000 letters", "member", "/files/red/secret/" + long + "/file_stream", `{}`, nil, 404, ""},
		{"name with a slash", "member", "/files/red/secret/a%2Fb/file_stream", `{}`, nil, 404, ""},
		{"name with control characters", "member", "/files/red/secret/a%00%0Ab/file_stream", `{}`, nil, 404, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := header{}
			for k, v := range c.header {
				h[k] = v
			}
			r := st.do(c.role, "POST", c.path, strings.NewReader(c.body), h)
			if r.status != c.status || !strings.Contains(r.text(), c.says) || r.text() == "" {
				t.Errorf("%d %s, want %d and %q", r.status, r.body, c.status, c.says)
			}
			if again := r.header.Get("Retry-After"); (again != "") != (c.status == 503 || c.status == 429) {
				t.Errorf("Retry-After is %q at status %d", again, r.status)
			}
		})
	}
	after := st.run("r1").Live
	if diff := cmp.Diff(before.HistoryLines, after.HistoryLines); diff != "" || after.Rows != before.Rows {
		t.Errorf("something was stored: before %+v, after %+v", before, after)
	}
	if strings.Contains(st.log.String(), "panic") {
		t.Errorf("something panicked:\n%s", st.log)
	}
}

func TestDeletedRun(t *testing.T) {
	st := newStage(t)
	if err := st.DB.Write(t.Context(), "delete", func(tx *meta.Tx) error { return tx.DeleteRun(st.Run.ID, st.Run.Created) }); err != nil {
		t.Fatal(err)
	}
	if r := st.do("member", "POST", r1Stream, strings.NewReader(`{}`)); r.status != 410 {
		t.Errorf("a deleted run's stream: %d %s, want 410", r.status, r.body)
	}
}

// TestStreamForgets: what a path leads to is remembered for a while, and for
// one caller only.
func TestStreamForgets(t *testing.T) {
	st := newStage(t)
	if r := st.do("member", "POST", r1Stream, strings.NewReader(`{}`)); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if st.s.runs.found.Len() != 1 {
		t.Errorf("%d paths are remembered, want 1", st.s.runs.found.Len())
	}
	if r := st.do("viewer", "POST", r1Stream, strings.NewReader(`{}`)); r.status != 403 {
		t.Errorf("the viewer profits from what the member may: %d", r.status)
	}
	if err := st.DB.Write(t.Context(), "delete", func(tx *meta.Tx) error { return tx.DeleteRun(st.Run.ID, st.Run.Created) }); err != nil {
		t.Fatal(err)
	}
	st.s.runs.found.Purge() // as the seconds do that it lives
	if r := st.do("member", "POST", r1Stream, strings.NewReader(`{}`)); r.status != 410 {
		t.Errorf("and then: %d %s, want 410", r.status, r.body)
	}
}

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		err  error
		want ballast.Kind
	}{
		{io.ErrUnexpectedEOF, ballast.Unavailable},
		{fmt.Errorf("reading: %w", io.ErrUnexpectedEOF), ballast.Unavailable},
		{fmt.Errorf("x: %w", t.Context().Err()), ballast.Internal},
		{ballast.Errorf(ballast.Gone, "x"), ballast.Gone},
	} {
		if got := ballast.KindOf(classify(c.err)); got != c.want {
			t.Errorf("%v is %s, want %s", c.err, got, c.want)
		}
	}
	for k := ballast.Internal; k <= ballast.Unsupported; k++ {
		if statuses[k] == 0 {
			t.Errorf("kind %s has no status", k)
		}
	}
}
