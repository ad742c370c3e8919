package query

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
)

// Prefix is the beginning of a run's history, up to a step: what a fork
// inherits and what a rewind keeps (docs/design/060).
type Prefix struct {
	Gen     int64  // of the run's rows when they were read: a later one may have other rows
	Rows    int64  // the number of the first row behind it
	Summary []byte // as of its last row, a JSON object with bare NaN and Infinity
}

// lastWindow is how many rows are read at first to find a key's last value.
const lastWindow = 256

// Prefix returns what a run's history was when its step was step (inclusive).
// config is the run's, whose define_metric rules shape the summary. A step
// beyond the last one is Invalid: nobody knows yet what will be there.
func (q *Query) Prefix(ctx context.Context, runID int64, config []byte, step int64) (Prefix, error) {
	s, err := q.open(ctx, runID, ballast.History)
	if err != nil {
		return Prefix{}, err
	}
	_, last, ok, err := s.steps(ctx)
	switch {
	case err != nil:
		return Prefix{}, err
	case !ok && step >= 0:
		return Prefix{}, ballast.Errorf(ballast.Invalid, "the run has no history yet, so there is no step %d", step)
	case ok && step > last:
		return Prefix{}, ballast.Errorf(ballast.Invalid, "the run's history ends at step %d: there is no step %d yet", last, step)
	}
	p := Prefix{Gen: s.live.Gen}
	if p.Rows, err = s.rowsUpTo(ctx, step); err != nil {
		return Prefix{}, err
	}
	p.Summary, err = q.summaryAt(ctx, s, p.Rows, definedMetrics(config))
	return p, err
}

// rowsUpTo is the number of the first row whose step is above step, or that of
// the row which comes next.
func (s *stream) rowsUpTo(ctx context.Context, step int64) (int64, error) {
	first := s.rows
	if step == math.MaxInt64 {
		return first, nil
	}
	for _, v := range s.views {
		if from, _ := v.RowRange(); from >= first {
			continue
		}
		part := stream{run: s.run, views: []history.View{v}}
		spans, err := part.spansOfSteps(ctx, step+1, math.MaxInt64)
		if err != nil {
			return 0, fmt.Errorf("finding step %d: %w", step, err)
		}
		if len(spans) > 0 {
			first = min(first, spans[0].from)
		}
	}
	return first, nil
}

// summaryAt is the summary that the rows before a row number have.
func (q *Query) summaryAt(ctx context.Context, s *stream, rows int64, metrics []metric) ([]byte, error) {
	known, err := q.streamKeys(ctx, s, ballast.History)
	if err != nil {
		return nil, err
	}
	t := history.NewTable(0, 1)
	for i := range known.Keys {
		k := &known.Keys[i]
		if k.FirstRow >= rows {
			continue
		}
		var rule summaryRule
		if m := metricOf(metrics, k.Key); m != nil && k.Key[:min(1, len(k.Key))] != "_" {
			rule = m.summary
		}
		if err := s.summarize(ctx, t, k, rows, rule); err != nil {
			return nil, err
		}
	}
	return t.AppendRowJSON(nil, 0, history.RowOptions{}), nil
}

// summarize adds what a summary says of one key to row 0 of a table.
func (s *stream) summarize(ctx context.Context, t *history.Table, k *history.KeyInfo, rows int64, rule summaryRule) error {
	if rule.none() {
		return nil
	}
	var p history.Points
	if !rule.whole() {
		if err := s.lastValue(ctx, k, rows, &p); err != nil {
			return err
		}
		addSummary(t, k.Key, rule.last, &p, p.Len()-1)
		return nil
	}
	p.Reset(k.Key)
	if err := s.series(ctx, k.Key, history.Rows(0, rows), &p); err != nil {
		return err
	}
	if rule.last {
		addSummary(t, k.Key, true, &p, p.Len()-1)
	}
	if rule.first && p.Len() > 0 {
		addValue(t, k.Key+".first", &p, 0)
	}
	rule.addNumbers(t, &p)
	return nil
}

// lastValue reads the last value of a key before a row: the last of p.
func (s *stream) lastValue(ctx context.Context, k *history.KeyInfo, rows int64, p *history.Points) error {
	if k.LastRow < rows {
		p.Reset(k.Key)
		return s.series(ctx, k.Key, history.Rows(k.LastRow, k.LastRow+1), p)
	}
	for to, n := rows, int64(lastWindow); to > k.FirstRow; n *= 4 {
		from := max(k.FirstRow, to-n)
		p.Reset(k.Key)
		if err := s.series(ctx, k.Key, history.Rows(from, to), p); err != nil || p.Len() > 0 {
			return err
		}
		to = from
	}
	return nil
}

// addSummary adds value i: under the key's own name, or as its member "last".
func addSummary(t *history.Table, key string, named bool, p *history.Points, i int) {
	if i < 0 {
		return
	}
	if named {
		key += ".last"
	}
	addValue(t, key, p, i)
}

func addValue(t *history.Table, key string, p *history.Points, i int) {
	one := history.Points{Key: key, Row: []int64{0}, Step: []int64{0}, Value: []float64{p.Value[i]}, All: p.FormAt(i)}
	if one.All == history.JSON {
		one.JSON = [][]byte{p.JSON[i]}
	}
	t.Add(&one)
}

// summaryRule is what define_metric(summary=…) asks of a key's summary. The
// zero rule is the plain last value.
type summaryRule struct {
	min, max, mean, last, first, off bool
	best                             bool
	maximize                         bool // what best means
}

// none reports whether the key has no summary at all.
func (r summaryRule) none() bool { return r.off && !r.whole() && !r.last }

// whole reports whether all values are needed.
func (r summaryRule) whole() bool { return r.min || r.max || r.mean || r.first || r.best }

// addNumbers adds what is made of all numbers of a key. As in the SDK, one NaN
// makes each of them NaN.
func (r summaryRule) addNumbers(t *history.Table, p *history.Points) {
	low, high, sum, n := math.Inf(1), math.Inf(-1), 0.0, 0
	lowForm, highForm := history.Form(0), history.Form(0)
	for i, v := range p.Value {
		form := p.FormAt(i)
		if form == history.JSON {
			continue
		}
		if n == 0 || v < low || v != v {
			low, lowForm = v, form
		}
		if n == 0 || v > high || v != v {
			high, highForm = v, form
		}
		sum, n = sum+v, n+1
	}
	if n == 0 {
		return
	}
	add := func(name string, v float64, f history.Form) {
		addValue(t, p.Key+"."+name, &history.Points{Value: []float64{v}, All: f}, 0)
	}
	if r.min {
		add("min", low, lowForm)
	}
	if r.max {
		add("max", high, highForm)
	}
	if r.mean {
		add("mean", sum/float64(n), history.Float)
	}
	if r.best && r.maximize {
		add("best", high, highForm)
	} else if r.best {
		add("best", low, lowForm)
	}
}

// summaryRuleOf reads members 7 and 8 of a metric definition.
func summaryRuleOf(options, goal value) summaryRule {
	var kinds []int
	for _, o := range options.list {
		if o.kind == number {
			kinds = append(kinds, int(o.num))
		}
	}
	has := func(k int) bool { return slices.Contains(kinds, k) }
	return summaryRule{
		min: has(1), max: has(2), mean: has(3), best: has(4), last: has(5), off: has(6), first: has(8),
		maximize: goal.kind == number && goal.num == 2,
	}
}

// Unchanged reports, inside the transaction that uses a prefix, whether its
// rows are still the run's. It locks the run's rows.
func (p Prefix) Unchanged(tx *meta.Tx, runID int64) (bool, error) {
	gen, err := tx.LockRows(runID)
	return gen == p.Gen, err
}
