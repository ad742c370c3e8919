package query

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/google/go-cmp/cmp"
)

func TestMedia(t *testing.T) {
	s := newSite(t)
	a, b := s.writer("a"), s.writer("b")
	for i := range 30 {
		a.send(historyFile, fmt.Sprintf(`{"_step":%d,"pics.a/x":{"_type":"image-file","path":"media/images/%d.png","odd":NaN},"loss":1}`, i*10, i))
		if i == 19 {
			a.seal()
		}
	}
	b.send(historyFile, `{"_step":0,"loss":1,"pics.a/x":5}`, `{"_step":1,"text":"hello"}`)
	ask := func(mr MediaRequest) *Media {
		t.Helper()
		mr.ProjectID = s.project.ID
		m, err := s.q.Media(context.Background(), mr)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	steps := func(r MediaRun) (all []int64) {
		for _, v := range r.Values {
			all = append(all, v.Step)
		}
		return all
	}
	m := ask(MediaRequest{Runs: []string{"a", "none", "b"}, Key: "pics.a/x"})
	if len(m.Runs) != 3 || m.Runs[0].Total != 30 || len(m.Runs[0].Values) != 30 || m.Runs[0].Missing {
		t.Fatalf("all of it: %+v", m.Runs)
	}
	if got := string(m.Runs[0].Values[21].Value); got != `{"_type":"image-file","path":"media/images/21.png","odd":"NaN"}` {
		t.Errorf("value 21 is %s", got)
	}
	if !m.Runs[1].Missing || !m.Runs[2].Missing || m.Runs[1].Values == nil {
		t.Errorf("a run that is not there, and one with numbers only: %+v", m.Runs[1:])
	}
	low, high := int64(50), int64(90)
	if diff := cmp.Diff([]int64{50, 60, 70, 80, 90}, steps(ask(MediaRequest{Runs: []string{"a"}, Key: "pics.a/x", Min: &low, Max: &high}).Runs[0])); diff != "" {
		t.Errorf("a range: %s", diff)
	}
	if diff := cmp.Diff([]int64{0, 40, 80, 120, 160, 200, 240, 290}, steps(ask(MediaRequest{Runs: []string{"a"}, Key: "pics.a/x", Limit: 8}).Runs[0])); diff != "" {
		t.Errorf("thinned to eight: %s", diff)
	}
	if diff := cmp.Diff([]int64{290}, steps(ask(MediaRequest{Runs: []string{"a"}, Key: "pics.a/x", Limit: 1}).Runs[0])); diff != "" {
		t.Errorf("the last alone: %s", diff)
	}
	if got := ask(MediaRequest{Runs: []string{"b"}, Key: "text"}).Runs[0]; len(got.Values) != 1 || string(got.Values[0].Value) != `"hello"` {
		t.Errorf("a text: %+v", got)
	}
	for _, bad := range []MediaRequest{{Key: ""}, {Key: "k", Limit: -1}, {Key: "k", Limit: MaxMediaValues + 1}, {Key: "k", Runs: make([]string, MaxMediaRuns+1)}} {
		if _, err := s.q.Media(context.Background(), bad); !ballast.Is(err, ballast.Invalid) {
			t.Errorf("%+v: %v", bad.Limit, err)
		}
	}
}

// TestMediaThinned: an answer stays within its bytes, however long the values.
func TestMediaThinned(t *testing.T) {
	var out MediaRun
	th := thinner{limit: 1000, budget: 10_000, out: &out}
	for i := range 900 {
		th.last, th.kept = MediaValue{Step: int64(i), Value: []byte(`"` + strings.Repeat("x", 500) + `"`)}, false
		th.stride = max(1, th.stride)
		if out.Total%th.stride == 0 {
			th.keep()
		}
		out.Total++
	}
	if err := th.end(); err != nil {
		t.Fatal(err)
	}
	n := len(out.Values)
	if n < 8 || n > 20 || out.Values[n-1].Step != 899 || out.Values[0].Step != 0 {
		t.Errorf("kept %d values, from %d to %d", n, out.Values[0].Step, out.Values[n-1].Step)
	}
	for i := 1; i < n-1; i++ {
		if out.Values[i].Step-out.Values[i-1].Step != th.stride {
			t.Errorf("not even: %d after %d", out.Values[i].Step, out.Values[i-1].Step)
		}
	}
}
