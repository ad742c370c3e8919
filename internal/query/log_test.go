package query

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
)

func TestLogs(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	w := s.writer("r")
	const n = 300
	want := make([]string, n)
	for i := 0; i < n; i += 30 {
		var lines []string
		for j := i; j < i+30; j++ {
			want[j] = fmt.Sprintf("line %d", j)
			level := ""
			if j%50 == 7 {
				level = "ERROR "
			}
			lines = append(lines, fmt.Sprintf("%s2026-03-01T12:00:00.%06d %s", level, j, want[j]))
		}
		w.send(outputFile, lines...)
	}
	check := func() {
		t.Helper()
		texts := func(lr LogRequest) []string {
			t.Helper()
			logs, err := s.q.Logs(ctx, w.id, lr)
			if err != nil || logs.Total != n {
				t.Fatalf("%+v: %d lines, %v", lr, logs.Total, err)
			}
			var out []string
			for _, l := range logs.Lines {
				out = append(out, l.Text)
				if want[l.Number] != l.Text {
					t.Errorf("line %d is %q, want %q", l.Number, l.Text, want[l.Number])
				}
			}
			return out
		}
		for _, c := range []struct {
			lr   LogRequest
			want []string
		}{
			{LogRequest{N: 10}, want[:10]}, {LogRequest{From: 95, N: 10}, want[95:105]}, {LogRequest{}, want}, {LogRequest{From: 290, N: 50}, want[290:]}, {LogRequest{From: 1000}, nil},
			{LogRequest{Tail: true, N: 25}, want[275:]}, {LogRequest{Tail: true, N: 5000}, want},
		} {
			if got := texts(c.lr); !slices.Equal(got, c.want) {
				t.Errorf("%+v: got %d lines, want %d", c.lr, len(got), len(c.want))
			}
		}
		logs, err := s.q.Logs(ctx, w.id, LogRequest{N: 1, Search: "LINE 29"})
		if err != nil || len(logs.Matches) != 11 || logs.Matches[1] != 290 || len(logs.Lines) != 1 {
			t.Errorf("search: %+v, %v", logs, err)
		}
		if logs, err := s.q.Logs(ctx, w.id, LogRequest{Search: "LINE", Case: true}); err != nil || len(logs.Matches) != 0 {
			t.Errorf("search by case: %v, %v", logs.Matches, err)
		}
		if logs, err := s.q.Logs(ctx, w.id, LogRequest{Search: `^line \d$`, Regexp: true}); err != nil || len(logs.Matches) != 10 {
			t.Errorf("search by pattern: %v, %v", logs.Matches, err)
		}
		if logs, err := s.q.Logs(ctx, w.id, LogRequest{Level: "error"}); err != nil || !slices.Equal(logs.Matches, []int64{7, 57, 107, 157, 207, 257}) {
			t.Errorf("search by level: %v, %v", logs.Matches, err)
		}
		only, err := s.q.Logs(ctx, w.id, LogRequest{Level: "error", Only: true, From: 2, N: 3})
		if err != nil || only.Found != 6 || len(only.Lines) != 3 || only.Lines[0].Number != 107 || only.Lines[2].Number != 207 {
			t.Errorf("only errors from the third: %+v, %v", only, err)
		}
		only, err = s.q.Logs(ctx, w.id, LogRequest{Search: "line 1", Only: true, Tail: true, N: 4})
		if err != nil || only.Found != 111-oneRewritten(want) || len(only.Lines) != 4 || only.Lines[0].Number != 196 || only.Lines[3].Number != 199 {
			t.Errorf("the last of what was searched: %+v, %v", only, err)
		}
		if none, err := s.q.Logs(ctx, w.id, LogRequest{Label: "rank 3", Only: true}); err != nil || none.Found != 0 || len(none.Lines) != 0 {
			t.Errorf("lines of a process that is not there: %+v, %v", none, err)
		}
		if counts, err := s.q.LogCounts(ctx, w.id); err != nil || counts.Levels["error"] != 6 || len(counts.Levels) != 1 || len(counts.Labels) != 0 {
			t.Errorf("counts: %+v, %v", counts, err)
		}
		var all []string
		for after := ""; ; {
			page, err := s.q.LogPage(ctx, w.id, 70, after, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range page.Lines {
				all = append(all, l.Text)
			}
			if !page.More {
				break
			}
			after = page.Cursors[len(page.Cursors)-1]
		}
		if !slices.Equal(all, want) {
			t.Errorf("pages give %d lines, want %d", len(all), n)
		}
		page, err := s.q.LogPage(ctx, w.id, 0, "", 3)
		if err != nil || len(page.Lines) != 3 || page.Lines[0].Number != n-3 || page.Lines[2].Time.IsZero() {
			t.Errorf("last 3: %+v, %v", page, err)
		}
		var b bytes.Buffer
		if err := s.q.WriteLogs(ctx, w.id, &b); err != nil || b.String() != strings.Join(want, "\n")+"\n" {
			t.Errorf("download of %d bytes, %v", b.Len(), err)
		}
	}
	check()
	if err := s.in.SealConsole(ctx, w.id); err != nil {
		t.Fatal(err)
	}
	check()
	// A progress bar rewrites a line that is in a block by now.
	w.lines[outputFile] = 10
	want[10] = "100 %"
	w.send(outputFile, "2026-03-01T12:00:01.000000 100 %")
	check()
	logs, err := s.q.Logs(ctx, w.id, LogRequest{From: 7, N: 1})
	if err != nil || logs.Lines[0].Level != "error" || !logs.Lines[0].Time.Equal(time.Date(2026, 3, 1, 12, 0, 0, 7000, time.UTC)) {
		t.Errorf("line 7: %+v, %v", logs.Lines, err)
	}
}

func TestLogLimits(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	w := s.writer("r")
	if logs, err := s.q.Logs(ctx, w.id, LogRequest{}); err != nil || logs.Total != 0 || len(logs.Lines) != 0 {
		t.Errorf("no console: %+v, %v", logs, err)
	}
	for _, lr := range []LogRequest{{N: -1}, {N: 10_001}, {From: -1}, {Search: "(", Regexp: true}} {
		if _, err := s.q.Logs(ctx, w.id, lr); !ballast.Is(err, ballast.Invalid) {
			t.Errorf("%+v: %v", lr, err)
		}
	}
	for _, after := range []string{"x", "line:", "line:-1", "7"} {
		if _, err := s.q.LogPage(ctx, w.id, 1, after, 0); !ballast.Is(err, ballast.Invalid) {
			t.Errorf("cursor %q: %v", after, err)
		}
	}
	if _, err := s.q.Logs(ctx, w.id+99, LogRequest{}); !ballast.Is(err, ballast.NotFound) {
		t.Errorf("a run that is not there: %v", err)
	}
}

// oneRewritten is 1 once the progress bar took the place of line 10.
func oneRewritten(want []string) int64 {
	if want[10] == "100 %" {
		return 1
	}
	return 0
}
