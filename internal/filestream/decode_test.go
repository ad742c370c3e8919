package filestream

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/google/go-cmp/cmp"
)

// seeds are lines of every kind; the fuzz test starts from them.
var seeds = []string{
	`{}`,
	`{"loss":0.25,"_step":3,"_runtime":1.5e-3,"_timestamp":1.7954495364080992e+09}`,
	`{"a":1,"b":1.0,"c":-0,"d":-0.0,"e":1e5,"f":1E-7,"g":0}`,
	`{"a":NaN,"b":Infinity,"c":-Infinity,"d":"NaN","e":"-Infinity"}`,
	`{"a":9007199254740992,"b":9007199254740993,"c":-9007199254740993,"d":123456789012345678901234567890}`,
	`{"a":0.1234567890123456789,"b":1e400,"c":-1e-400,"d":5e-324,"e":1.7976931348623157e308}`,
	`{"s":"text","t":"","u":"a \"quote\" and \\ and \u00e9 \ud83d\ude00","v":"é"}`,
	`{"a":true,"b":false,"c":null,"l":[1,2,[NaN,"x"]],"o":{}}`,
	`{"d":{"x":1,"y":{"z":"deep","w":[]}},"e.f":2,"g\\h":3,"":4}`,
	`{"img":{"_type":"image-file","path":"media/x.png","size":12},"h":{"\u005ftype":"histogram","bins":[1,2]}}`,
	`{"a":1,"a":2}`,
	`{"a":{"b":1},"a":{"c":2}}`,
	`{"a":{"b":1},"a":3}`,
	`{"a":3,"a":{"b":1}}`,
	`{"a":{"b":{"c":1},"b":{"d":2}},"a":"x","a":{"b":{"e":1}}}`,
	` { "a" : 1 , "b" : [ 1 , 2 ] } `,
	`{"a":{"_type":1,"b":{"c":NaN}},"a.b":{"c":1}}`,
	`{"a":{"b":1,"_type":"x"},"c":{"d":{"e.f":2,"g":{}},"h":{"i":"x"}},"c.d":5}`,
	`{"a":{"b":1,"b":2},"a":3,"c":{"d":1},"c":{"e":2}}`,
	`{"a":{"b":{"c":1}},"d":{"b":{"c":1,"b":"\u00e9"}}}`,
	`{"a":{"b":1},"x":{"y":{}},"z":{"a":nul}}`,
	`{"a": {"b": 1, "c": {"d": 2}}, "e": 3}`,
	`{"a":{"b":1 },"c":{ "d":2}}`,
	`{"a":{"b":1}`, `{"a":{"b":1}}}`, `{"a":{"b":1,}}`, `{"a":{"":1,"c":{"":{"":2}}}}`,
	`{"deep":` + strings.Repeat(`[{"n":`, 40) + `1` + strings.Repeat(`}]`, 40) + `,"a":1}`,
	`{"deep":` + strings.Repeat(`[{"n":`, 40) + `1,` + strings.Repeat(`}]`, 40) + `,"a":1}`,
	`{"deep":` + strings.Repeat(`[`, 70) + `"a",{},[],{"b":[]}` + strings.Repeat(`]`, 70) + `}`,
	`{"a":01}`, `{"a":1.}`, `{"a":-}`, `{"a":+1}`, `{"a":.5}`, `{"a":1e}`, `{"a" 1}`, `{"a":1,}`, `{"a":1}}`, `[1]`, `1`, ``, `{`, `{"a":"`,
	`{"a":nul}`, `{"a":Infinit}`, `{"a":[1,]}`, `{"a":{"b":}}`, `{"a":"\x"}`, "{\"a\":\"\x01\"}", `{"a":"\ud800"}`,
	"{\"k\x7f\":\"\x7f\"}", "{}\f", "{}\n",
	`{"deep":` + strings.Repeat(`{"n":`, 62) + `1` + strings.Repeat(`}`, 62) + `}`,
	`{"deep":` + strings.Repeat(`{"n":`, 63) + `1` + strings.Repeat(`}`, 63) + `}`,
	`{"deep":` + strings.Repeat(`[`, 63) + strings.Repeat(`]`, 63) + `}`,
	`{"deep":` + strings.Repeat(`[`, 64) + strings.Repeat(`]`, 64) + `}`,
}

func compare(t *testing.T, line string) {
	t.Helper()
	want, wantErr := slowLine(line)
	if wantErr != nil && strings.Contains(wantErr.Error(), "max depth") || strings.Count(line, ":") > maxRepeats {
		return // encoding/json and the reference know other limits
	}
	got, err := fastLines(line)
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("line %q: error %v, the reference says %v", line, err, wantErr)
	}
	if err != nil {
		if !ballast.Is(err, ballast.Invalid) {
			t.Fatalf("line %q: error of kind %v: %v", line, ballast.KindOf(err), err)
		}
		return
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Fatalf("line %q (-reference +decoder):\n%s", line, diff)
	}
}

func TestLinesEqualReference(t *testing.T) {
	for _, line := range seeds {
		compare(t, line)
	}
}

func FuzzDecodeLine(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.Contains(line, mark) || len(line) > 1<<16 {
			t.Skip()
		}
		compare(t, strings.ToValidUTF8(line, "\ufffd"))
	})
}

// FuzzDecode throws any bytes at the decoder: an error or a sound chunk.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"files":{"wandb-history.jsonl":{"offset":12,"content":["{\"a\":1}"]}},"complete":true,"exitcode":0}`))
	f.Add([]byte(fullBody))
	var d Decoder
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := Decode(body, &d)
		if err != nil {
			if !ballast.Is(err, ballast.Invalid) {
				t.Fatalf("error of kind %v: %v", ballast.KindOf(err), err)
			}
			return
		}
		for _, r := range []*Rows{req.History, req.Events} {
			if r == nil {
				continue
			}
			if _, err := cells(r); err != nil {
				t.Fatal(err)
			}
			if h, err := r.Hashes(); err != nil || h[0] != r.FirstHash || len(h) != r.Lines {
				t.Fatalf("%d hashes %x, first %x, %d lines, %v", len(h), h, r.FirstHash, r.Lines, err)
			}
		}
	})
}

const fullBody = ` {"files":{"output.log":{"content":["{\"ts\":\"2026\",\"content\":\"hello\"}","two \u00e9"],"offset":40},
 "wandb-history.jsonl":{"offset":12,"content":["{\"_step\":7,\"loss\":1,\"n\":NaN}","{\"_step\":9,\"d\":{\"x\":\"q\"}}"]},
 "wandb-events.jsonl":{"offset":3,"content":["{\"_wandb\":true,\"system.cpu\":3.5}"]},
 "wandb-summary.json":{"offset":0,"content":["{\"old\":1}","{\"loss\":NaN,\"_wandb\":{\"runtime\":1}}"]},
 "other.txt":{"offset":0,"content":["x"]}},
 "uploaded":["a/b.png","c"],"preempting":true,"complete":true,"exitcode":-3,"dropped":2,"failed":false,"new":{"x":[1]}} `

func TestDecodeBody(t *testing.T) {
	r, err := Decode([]byte(fullBody), &Decoder{})
	if err != nil {
		t.Fatal(err)
	}
	if r.History.Offset != 12 || r.History.Lines != 2 || r.History.StepMin != 7 || r.History.StepMax != 9 || r.Points != 7 {
		t.Errorf("history %+v, %d points", r.History, r.Points)
	}
	if r.Events.Offset != 3 || r.Events.Lines != 1 || r.Events.StepMin <= r.Events.StepMax {
		t.Errorf("events %+v", r.Events)
	}
	if got := fmt.Sprintf("%d %s", r.Output.Offset, r.Output.Lines); got != `40 [{"ts":"2026","content":"hello"} two é]` {
		t.Errorf("output %s", got)
	}
	if string(r.Summary) != `{"loss":NaN,"_wandb":{"runtime":1}}` {
		t.Errorf("summary %s", r.Summary)
	}
	rest := fmt.Sprint(r.Uploaded, r.Preempting, *r.Complete, *r.ExitCode, r.Dropped, r.Failed, r.Unknown)
	if rest != "[a/b.png c] true true -3 2 false [other.txt]" {
		t.Errorf("the rest is %s", rest)
	}
}

func TestDecodeEmpty(t *testing.T) {
	for _, body := range []string{`{}`, ` { } `, `{"files":{}}`, `{"files":null,"complete":null,"uploaded":null,"exitcode":null}`,
		`{"files":{"wandb-history.jsonl":{"offset":5,"content":[]},"output.log":{"content":null,"offset":0},"wandb-summary.json":{"offset":0,"content":[]}}}`} {
		r, err := Decode([]byte(body), &Decoder{})
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if diff := cmp.Diff(&Request{}, r); diff != "" {
			t.Errorf("%s is no heartbeat:\n%s", body, diff)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	file := func(f string) string { return `{"files":{"wandb-history.jsonl":` + f + `}}` }
	for _, c := range []struct{ body, says string }{
		{``, "an object should start"},
		{`[]`, "an object should start"},
		{`{"files":{}`, "a ',' or '}' is missing"},
		{`{} {}`, "something follows"},
		{`{"complete":1}`, "complete must be true or false"},
		{`{"exitcode":"x"}`, "exitcode must be an integer"},
		{file(`{"offset":-1,"content":["{}"]}`), "offset of wandb-history.jsonl is negative"},
		{file(`{"offset":1.5,"content":["{}"]}`), "offset of wandb-history.jsonl must be an integer"},
		{file(`{"offset":1e3,"content":["{}"]}`), "offset of wandb-history.jsonl must be an integer"},
		{file(`{"content":["{}"]}`), "wandb-history.jsonl has no offset"},
		{file(`{"offset":0,"content":["{}","{\"a\":x}"]}`), "line 1 of the wandb-history.jsonl in this request"},
		{file(`{"offset":0,"content":["[]"]}`), "an object should start"},
		{file(`{"offset":0,"content":[{}]}`), "a string should start"},
		{`{"files":{"output.log":{"offset":0,"content":["a"]},"output.log":{"offset":0,"content":["a"]}}}`, "named twice"},
		{`{"files":{"wandb-summary.json":{"offset":0,"content":["{\"a\":"]}}}`, "the last line of wandb-summary.json"},
	} {
		_, err := Decode([]byte(c.body), &Decoder{})
		if !ballast.Is(err, ballast.Invalid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.100q: %v, want Invalid and %q", c.body, err, c.says)
		}
	}
}

// TestDecodeUnusual: whatever is JSON is stored, however odd: a refusal would
// end the run's stream for good.
func TestDecodeUnusual(t *testing.T) {
	row := func(line string) map[string]cell {
		t.Helper()
		rows, err := fastLines(line, `{"next":1}`)
		if err != nil {
			t.Fatalf("%.100q: %v", line, err)
		}
		if len(rows) != 2 || len(rows[1]) != 1 {
			t.Fatalf("%.100q: the next row is %v", line, rows[1])
		}
		return rows[0]
	}
	deep := strings.Repeat(`[{"n":`, 100_000) + `1` + strings.Repeat(`}]`, 100_000)
	r, err := Decode([]byte(`{"files":{"wandb-history.jsonl":{"offset":0,"content":[`+strconv.Quote(`{"a":1,"deep":`+deep+`}`)+`]},
		"wandb-summary.json":{"offset":0,"content":[`+strconv.Quote(`{"a":1,"deep":`+deep+`,"b":[2]}`)+`]}}}`), &Decoder{})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"a":1,"deep":` + strconv.Quote(deep) + `,"b":[2]}`; string(r.Summary) != want {
		t.Errorf("summary %.100s", r.Summary)
	}
	c, err := history.OpenChunk(r.History.Chunk)
	if err != nil {
		t.Fatal(err)
	}
	var p history.Points
	if err := c.Column("deep", 0, &p); err != nil || p.Len() != 1 || string(p.JSON[0]) != strconv.Quote(deep) {
		t.Errorf("a deep value: %v, %.100s", err, p.JSON)
	}

	var many strings.Builder
	for i := range MaxLineKeys + 10 {
		fmt.Fprintf(&many, `"k%d":%d,`, i, i)
	}
	for _, line := range []string{"{" + many.String() + `"k3":true,"o":{"x":0.5}}`, "{" + many.String() + `"k3":true,"o":{"x":0.5},"é":[]}`} {
		got, n := map[string]string{}, 0
		r, err := Decode([]byte(`{"files":{"wandb-history.jsonl":{"offset":0,"content":[`+strconv.Quote(line)+`]}}}`), &Decoder{})
		if err != nil {
			t.Fatal(err)
		}
		tail, err := history.OpenTail([]history.TailChunk{{Rows: 1, Data: r.History.Chunk}})
		if err != nil {
			t.Fatal(err)
		}
		if err := tail.Scan(t.Context(), func(p *history.Points) error {
			n++
			if p.Key == restKey || p.Key == "k3" {
				got[p.Key] = string(p.JSON[0])
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		rest := got[restKey]
		if n != MaxLineKeys+1 || got["k3"] != "true" || !strings.HasPrefix(rest, `"{\"k200000\":200000,`) || !strings.Contains(rest, `\"o.x\":0.5`) {
			t.Errorf("a line of very many values has %d keys, %.100s", n, rest)
		}
	}

	long := strings.Repeat("k", 70_000)
	got := row(`{"` + long + `1":1,"` + long + `2":{"a":2,"b":{"` + long + `":3}}}`)
	if len(got) != 3 {
		t.Errorf("long keys: %d of 3 are there", len(got))
	}
	for key := range got {
		if len(key) > 1024 || !strings.HasPrefix(key, long[:256]+"…") {
			t.Errorf("a long key became %.300s", key)
		}
	}

	got = row(`{` + strings.Repeat(`"a":{"b":1},`, 2000) + `"a":{"c":2}}`)
	if got["a.c"].Form != history.Int {
		t.Errorf("an object that is repeated: %v", got)
	}
	if got = row(`{"text":"` + strings.Repeat("x", 10<<20) + `","a":1}`); len(got) != 2 || len(got["text"].JSON) != 10<<20+2 {
		t.Errorf("a line of 10 MB has %d keys", len(got))
	}
}

func TestDecodeBadUTF8(t *testing.T) {
	body := "{\"files\":{\"wandb-history.jsonl\":{\"offset\":0,\"content\":[\"{\\\"k\xff\\\":\\\"v\xc3\\\"}\"]},\"output.log\":{\"offset\":0,\"content\":[\"a\xffb\"]}}}"
	r, err := Decode([]byte(body), &Decoder{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := cells(r.History)
	if err != nil || rows[0]["k\ufffd"].JSON != "\"v\ufffd\"" || string(r.Output.Lines[0]) != "a\ufffdb" {
		t.Errorf("%v, %s, %v", rows, r.Output.Lines, err)
	}
}

// TestHashes: a line is the same whatever the order of its names, and any
// value counts.
func TestHashes(t *testing.T) {
	hash := func(line string) uint64 {
		content, _ := json.Marshal([]string{line, "{}"})
		r, err := Decode([]byte(`{"files":{"wandb-events.jsonl":{"offset":0,"content":`+string(content)+`}}}`), &Decoder{})
		if err != nil {
			t.Fatal(err)
		}
		return r.Events.FirstHash
	}
	one := hash(`{"a":1,"b":{"c":2.5,"d":{"_type":"x","y":[1,{"p":1,"q":2}]}}}`)
	if one != hash(`{"b":{"d":{"y":[1,{"q":2,"p":1}],"_type":"x"},"c":2.5},"a":1}`) {
		t.Error("another order of names gives another hash")
	}
	for _, other := range []string{`{}`, `{"a":1}`, `{"a":1,"b":{"c":2.5,"d":{"_type":"x","y":[{"p":1,"q":2},1]}}}`,
		`{"a":2,"b":{"c":2.5,"d":{"_type":"x","y":[1,{"p":1,"q":2}]}}}`, `{"a":1,"b":{"c":2.5,"d":{"_type":"x","y":[1,{"p":2,"q":1}]}}}`} {
		if one == hash(other) {
			t.Errorf("%s has the same hash", other)
		}
	}
	if got := hash(`{"loss":0.5,"s":"x"}`); got != goldenHash {
		t.Errorf("hash %#x, want %#x: hashes are stored and may never change", got, uint64(goldenHash))
	}
}

const goldenHash = 0x9684e2dd73f5c3c1

func TestParseNumber(t *testing.T) {
	check := func(text string) {
		want, _ := strconv.ParseFloat(text, 64)
		if n := parseNumber([]byte(text + ",")); n.len != len(text) || math.Float64bits(n.value) != math.Float64bits(want) {
			t.Fatalf("%s: %+v, want %v", text, n, want)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 30_000 {
		x := math.Float64frombits(rng.Uint64())
		if math.IsNaN(x) || math.IsInf(x, 0) {
			continue
		}
		check(strconv.FormatFloat(x, 'g', -1, 64))
		x = rng.NormFloat64() * math.Pow(10, float64(rng.IntN(20)-10))
		check(strconv.FormatFloat(x, 'g', -1, 64))
		check(strconv.FormatFloat(x, 'e', rng.IntN(19), 64))
		check(strconv.FormatFloat(float64(float32(x)), 'f', -1, 64))
		check(fmt.Sprintf("%d.%de%d", rng.IntN(100), rng.Uint64(), rng.IntN(160)-80))
		// Halfway between two float64s: the hardest to round.
		m := 1<<53 | rng.Uint64N(1<<53) | 1
		check(fmt.Sprintf("%d.0", m))
		check(fmt.Sprintf("%d.5", m>>1))
	}
}

func TestDecoderLetsGo(t *testing.T) {
	var d Decoder
	line := `{\"k\":\"` + strings.Repeat("x", 20<<20) + `\"}`
	if _, err := Decode([]byte(`{"files":{"wandb-history.jsonl":{"offset":0,"content":["`+line+`"]}}}`), &d); err != nil {
		t.Fatal(err)
	}
	if n := d.history.Size() + cap(d.line); n > maxScratch {
		t.Errorf("the decoder holds %d bytes", n)
	}
}
