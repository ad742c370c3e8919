package query

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"golang.org/x/sync/errgroup"
)

const (
	// MaxMediaRuns is the most runs whose media one question may ask for, and
	// MaxMediaValues the most values of one run.
	MaxMediaRuns   = 100
	MaxMediaValues = 1000
	// maxMediaBytes bounds the text of all values of one answer.
	maxMediaBytes = 16 << 20
)

// MediaRequest asks for what runs logged under a key that is no number: media,
// tables, histograms, texts.
type MediaRequest struct {
	ProjectID int64
	Runs      []string // run names, at most MaxMediaRuns
	Key       string   // by its name outside (docs/design/011)
	Min, Max  *int64   // range of steps, both inclusive; nil: all there is
	Limit     int      // values of one run, at most MaxMediaValues; 0: all of those
}

// Media holds the values of a key, run by run in the order asked for.
type Media struct {
	Runs []MediaRun `json:"runs"`
}

// MediaRun is one run's values, by step ascending. When there are more than
// were asked for they are thinned evenly, and the last is among them.
type MediaRun struct {
	Run     string       `json:"run"`
	Missing bool         `json:"missing"` // no such run, or it has no such key
	Total   int64        `json:"total"`   // values in the range
	Values  []MediaValue `json:"values"`
}

// MediaValue is what was logged at a step. Special numbers in it are strings.
type MediaValue struct {
	Step  int64           `json:"step"`
	Value json.RawMessage `json:"value"`
}

// Media returns the values of a key of several runs.
func (q *Query) Media(ctx context.Context, mr MediaRequest) (*Media, error) {
	switch {
	case len(mr.Runs) > MaxMediaRuns:
		return nil, ballast.Errorf(ballast.Invalid, "media of %d runs: at most %d are allowed", len(mr.Runs), MaxMediaRuns)
	case mr.Limit < 0 || mr.Limit > MaxMediaValues:
		return nil, ballast.Errorf(ballast.Invalid, "limit %d: 1 to %d values of a run are allowed", mr.Limit, MaxMediaValues)
	case mr.Key == "":
		return nil, ballast.Errorf(ballast.Invalid, "key is empty: it names what the runs logged")
	case mr.Limit == 0:
		mr.Limit = MaxMediaValues
	}
	refs, err := q.runRefs(ctx, mr.ProjectID, mr.Runs)
	if err != nil {
		return nil, err
	}
	m := &Media{Runs: make([]MediaRun, len(mr.Runs))}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(q.opt.Workers)
	for i, name := range mr.Runs {
		r := &m.Runs[i]
		r.Run, r.Missing, r.Values = name, true, []MediaValue{}
		ref, ok := refs[name]
		if !ok {
			continue
		}
		g.Go(func() error {
			err := q.runMedia(gctx, ref.ID, mr, maxMediaBytes/len(mr.Runs), r)
			if ballast.Is(err, ballast.NotFound) { // deleted a moment ago
				return nil
			}
			return err
		})
	}
	return m, g.Wait()
}

// runMedia reads one run's values, a window of rows at a time, so that a run
// with very many of them takes little memory.
func (q *Query) runMedia(ctx context.Context, run int64, mr MediaRequest, budget int, out *MediaRun) error {
	s, err := q.open(ctx, run, ballast.History)
	if err != nil {
		return err
	}
	return q.firstFound(ctx, s, ballast.History, mr.Key, func(key string) (bool, error) {
		t := thinner{limit: mr.Limit, budget: budget, out: out}
		var p history.Points
		for _, sp := range s.spans() {
			for from := sp.from; from < sp.to; from += joinWindow {
				r := history.Rows(from, min(sp.to, from+joinWindow))
				if mr.Min != nil {
					r.StepFrom = *mr.Min
				}
				if mr.Max != nil {
					r.StepTo = *mr.Max + 1
				}
				p.Reset(key)
				if err := s.series(ctx, key, r, &p); err != nil {
					return false, err
				}
				t.add(&p)
			}
		}
		if err := t.end(); err != nil {
			return false, fmt.Errorf("media %.80q of run %d: %w", mr.Key, run, err)
		}
		return out.Total > 0, nil
	})
}

// thinner keeps every stride-th value, and doubles the stride when there are
// too many or they are too long.
type thinner struct {
	limit, budget int
	out           *MediaRun
	stride, bytes int64
	last          MediaValue
	kept          bool // the last is among the values
}

func (t *thinner) add(p *history.Points) {
	t.stride = max(1, t.stride)
	for i := range p.Len() {
		if p.JSON == nil || p.JSON[i] == nil {
			continue // a number under the same key
		}
		t.last, t.kept = MediaValue{Step: p.Step[i], Value: p.JSON[i]}, false
		if t.out.Total%t.stride == 0 {
			t.keep()
		}
		t.out.Total++
	}
}

func (t *thinner) keep() {
	v := MediaValue{Step: t.last.Step, Value: append(json.RawMessage(nil), t.last.Value...)}
	t.out.Values, t.kept = append(t.out.Values, v), true
	t.bytes += int64(len(v.Value))
	for len(t.out.Values) > 1 && (len(t.out.Values) > t.limit || t.bytes > int64(t.budget)) {
		kept, n := t.out.Values[:0], len(t.out.Values)
		t.bytes = 0
		for i := 0; i < n; i += 2 {
			kept = append(kept, t.out.Values[i])
			t.bytes += int64(len(t.out.Values[i].Value))
		}
		t.kept = n%2 == 1
		t.out.Values, t.stride = kept, t.stride*2
	}
}

// end adds the newest value and makes JSON of every value that browsers read.
func (t *thinner) end() error {
	if t.out.Total > 0 && !t.kept {
		if n := len(t.out.Values); n >= t.limit {
			t.out.Values = t.out.Values[:n-1]
		}
		t.out.Values = append(t.out.Values, t.last)
	}
	t.out.Missing = t.out.Total == 0
	for i := range t.out.Values {
		js, err := cleanJSON(t.out.Values[i].Value)
		if err != nil {
			return err
		}
		t.out.Values[i].Value = js
	}
	return nil
}

// cleanJSON is a value with its special numbers as strings.
func cleanJSON(js []byte) (json.RawMessage, error) {
	if json.Valid(js) {
		return js, nil
	}
	v, err := parseJSON(string(js))
	if err != nil {
		return nil, err
	}
	return v.appendJSON(nil, true), nil
}
