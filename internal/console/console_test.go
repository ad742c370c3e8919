package console

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var at = time.Date(2023, 4, 5, 10, 15, 30, 123456000, time.UTC)

func TestParse(t *testing.T) {
	tests := []struct {
		raw  string
		want Line
	}{
		{"2023-04-05T10:15:30.123456 epoch 1", Line{Time: at, Text: "epoch 1"}},
		{"ERROR 2023-04-05T10:15:30.123456 boom: x", Line{Time: at, Level: Error, Text: "boom: x"}},
		{"ERROR 2023-04-05T10:15:30.123456 [rank0] boom", Line{Time: at, Level: Error, Label: "rank0", Text: "boom"}},
		{"2023-04-05T10:15:30.123456 [3/10] step", Line{Time: at, Text: "[3/10] step"}},
		{"2023-04-05T10:15:30.123456 [INFO] step", Line{Time: at, Text: "[INFO] step"}},
		{"2023-04-05T10:15:30.123456 ", Line{Time: at}},
		{"2023-04-05T10:15:30.123456", Line{Time: at}},
		{"ERROR no time", Line{Text: "ERROR no time"}},
		{"", Line{}},
		{"plain", Line{Text: "plain"}},
		{"bad \xff byte", Line{Text: "bad \uFFFD byte"}},
		{`{"ts":"2023-04-05T10:15:30.123456","content":"hello"}`, Line{Time: at, Text: "hello"}},
		{`{"level":"error","ts":"2023-04-05T10:15:30.123456","label":"n 1","content":"x\ny"}`, Line{Time: at, Level: Error, Label: "n 1", Text: "x\ny"}},
		{`{"level":"weird","ts":"2023-04-05T10:15:30.123456Z","content":""}`, Line{Time: at, Level: Other}},
		{`{"loss":0.5}`, Line{Text: `{"loss":0.5}`}},
		{`{"ts":"yesterday","content":"x"}`, Line{Text: `{"ts":"yesterday","content":"x"}`}},
	}
	for _, tt := range tests {
		if d := cmp.Diff(tt.want, Parse([]byte(tt.raw))); d != "" {
			t.Errorf("%q (-want +got):\n%s", tt.raw, d)
		}
	}
}

func someLines(r *rand.Rand, from int64, n int) []Line {
	lines := make([]Line, n)
	for i := range lines {
		lines[i] = Line{Number: from + int64(i), Text: fmt.Sprintf("line %d of %d", from+int64(i), r.IntN(1000))}
		if r.IntN(3) > 0 {
			lines[i].Time = at.Add(time.Duration(r.IntN(1000000)) * time.Microsecond)
		}
		lines[i].Level = Level(r.IntN(3))
		if r.IntN(4) == 0 {
			lines[i].Label = fmt.Sprint("rank", r.IntN(3))
		}
	}
	return lines
}

func TestCodec(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 500} {
		lines := someLines(r, 7, n)
		for i := 0; i < n; i += 3 {
			lines[i].Updates = i + 1
		}
		for name, data := range map[string][]byte{"chunk": Encode(lines), "block": EncodeBlock(lines)} {
			got, err := Decode(data, 7)
			if err != nil {
				t.Fatalf("%s of %d: %v", name, n, err)
			}
			if d := cmp.Diff(lines, got); d != "" && n > 0 {
				t.Errorf("%s of %d (-want +got):\n%s", name, n, d)
			}
			for i := range data { // any flipped bit is noticed
				bad := bytes.Clone(data)
				bad[i] ^= 0x10
				if _, err := Decode(bad, 0); err == nil {
					t.Fatalf("%s of %d: damage at byte %d was not noticed", name, n, i)
				}
				if i > 200 {
					break
				}
			}
		}
	}
}

// TestView compares a view of blocks and versions with a plain list on which
// every version was written in order.
func TestView(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	want := someLines(r, 0, 3000)
	v := View{Total: 3000}
	for from := 0; from < 2000; from += 500 {
		part := want[from : from+500]
		data := EncodeBlock(part)
		b := Block{Line0: int64(from), Lines: 500, Fetch: func(context.Context) ([]byte, error) { return data, nil }}
		b.Levels, b.TimeMin, b.TimeMax = Extent(part)
		v.Blocks = append(v.Blocks, b)
	}
	v.Versions = []Version{{Line0: 2000, Lines: 1000, Data: Encode(want[2000:])}}
	for range 40 {
		from, n := r.IntN(2900), 1+r.IntN(100)
		part := someLines(r, int64(from), n)
		for i, l := range part {
			want[from+i] = l.over(want[from+i])
		}
		v.Versions = append(v.Versions, Version{Line0: int64(from), Lines: n, Data: Encode(part)})
	}
	for _, span := range [][2]int64{{0, 3000}, {0, 1}, {499, 501}, {1990, 2010}, {2999, 9999}, {-5, 3}} {
		got, err := v.Lines(t.Context(), span[0], span[1])
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want[max(0, span[0]):min(3000, span[1])], got); d != "" {
			t.Errorf("lines %v (-want +got):\n%s", span, d)
		}
	}
	for _, level := range []Level{NoLevel, Error} {
		m, err := NewMatcher("OF 7", false, false)
		if err != nil {
			t.Fatal(err)
		}
		var got, expect []Line
		if err := v.Search(t.Context(), m, level, func(l Line) bool { got = append(got, l); return true }); err != nil {
			t.Fatal(err)
		}
		for _, l := range want {
			if m.Match(l.Text) && (level == NoLevel || l.Level == level) {
				expect = append(expect, l)
			}
		}
		if d := cmp.Diff(expect, got); d != "" || len(got) == 0 {
			t.Errorf("search, level %v: %d lines (-want +got):\n%s", level, len(got), d)
		}
	}
	runs, err := Overlay(v.Versions)
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range runs {
		// Of what lies under it an overlay knows nothing: its counts are TestUpdates' affair.
		if d := cmp.Diff(want[run[0].Number:run[0].Number+int64(len(run))], run, cmpopts.IgnoreFields(Line{}, "Updates")); d != "" {
			t.Errorf("overlay (-want +got):\n%s", d)
		}
	}
}

// TestUpdates: a line whose text changes is counted, however its versions were
// folded; a repeated request, and the first text of an empty line, count for
// nothing.
func TestUpdates(t *testing.T) {
	version := func(text string) Version {
		return Version{Lines: 1, Data: Encode([]Line{{Text: text}})}
	}
	all := []Version{version(""), version("1%"), version("2%"), version("2%"), version("100%")}
	for folded := range len(all) + 1 {
		v := View{Total: 1, Versions: all[folded:]}
		if folded > 0 {
			runs, err := Overlay(all[:folded])
			if err != nil {
				t.Fatal(err)
			}
			data := EncodeBlock(runs[0])
			v.Blocks = []Block{{Lines: 1, Fetch: func(context.Context) ([]byte, error) { return data, nil }}}
		}
		got, err := v.Lines(t.Context(), 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]Line{{Text: "100%", Updates: 2}}, got); d != "" {
			t.Errorf("%d versions folded (-want +got):\n%s", folded, d)
		}
	}
}

func TestMatcher(t *testing.T) {
	tests := []struct {
		pattern string
		re, cs  bool
		text    string
		want    bool
	}{
		{"loss", false, false, "Loss: 1", true},
		{"loss", false, true, "Loss: 1", false},
		{"1.5", false, false, "125", false},
		{"1.5", true, false, "125", true},
		{"^epoch \\d+$", true, false, "\x1b[31mEpoch 12\x1b[0m", true},
		{"", false, false, "x", true},
		{"link", false, true, "\x1b]8;;http://x\x07link\x1b]8;;\x07", true},
		{"http", false, true, "\x1b]8;;http://x\x1b\\link", false},
	}
	for _, tt := range tests {
		m, err := NewMatcher(tt.pattern, tt.re, tt.cs)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Match(tt.text); got != tt.want {
			t.Errorf("%q in %q: %v", tt.pattern, tt.text, got)
		}
	}
	for _, bad := range []string{"(", "a**", string(make([]byte, MaxPattern+1))} {
		if _, err := NewMatcher(bad, true, false); !ballast.Is(err, ballast.Invalid) {
			t.Errorf("%.10q: %v", bad, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "ERROR 2023-04-05T10:15:30.123456 [l] x", `{"ts":"2023-04-05T10:15:30.1","content":"\u0000"}`, "2023-04-05T10:15:30 [", "\xff", "\x1b[", "\x1b]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		l := Parse(raw)
		Plain(l.Text)
		got, err := Decode(Encode([]Line{l}), 0)
		if err != nil || cmp.Diff([]Line{l}, got) != "" {
			t.Fatalf("%q: %+v came back as %+v, %v", raw, l, got, err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{1, 0, 1, 'x'}, byte(0))
	f.Add(appendLines(nil, []Line{{Time: at, Label: "a", Text: "x"}, {Label: "a"}}), byte(0))
	f.Fuzz(func(t *testing.T, body []byte, flags byte) {
		data := seal(append(make([]byte, headBytes), body...), flags&3)
		lines, err := Decode(data, 0)
		if err == nil && len(lines) > len(body) && flags&3 == 0 {
			t.Fatalf("%d lines from %d bytes", len(lines), len(body))
		}
	})
}
