package query

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
)

// maxSampleKeys bounds the keys of a spec.
const maxSampleKeys = 1_000

// SampleSpec is a spec of sampledHistory: rows that have all of Keys.
type SampleSpec struct {
	Keys    []string
	Samples int    // rows wanted; 0: 500
	MinStep *int64 // inclusive
	MaxStep *int64 // inclusive
}

// ParseSampleSpec reads the JSON form, {"keys":["_step","loss"],"samples":500,
// "minStep":0,"maxStep":9}. Unknown members are ignored; no keys are Invalid.
func ParseSampleSpec(text string) (SampleSpec, error) {
	var doc struct {
		Keys             []string
		Samples          *float64
		MinStep, MaxStep *float64
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return SampleSpec{}, ballast.Errorf(ballast.Invalid, "a spec of sampledHistory must be like {\"keys\":[\"loss\"],\"samples\":500}: %s", ballast.JSONFault(err))
	}
	s := SampleSpec{Samples: defaultSamples}
	for _, k := range doc.Keys {
		if !slices.Contains(s.Keys, k) { // the SDK adds _step again for each page
			s.Keys = append(s.Keys, k)
		}
	}
	switch {
	case len(s.Keys) == 0 || len(s.Keys) > maxSampleKeys:
		return s, ballast.Errorf(ballast.Invalid, "a spec of sampledHistory has %d keys: 1 to %d are allowed", len(s.Keys), maxSampleKeys)
	case doc.Samples != nil && *doc.Samples < 0:
		return s, ballast.Errorf(ballast.Invalid, "a spec of sampledHistory asks for %v samples: at least 1 are needed", *doc.Samples)
	case doc.Samples != nil && *doc.Samples >= 1:
		s.Samples = int(min(*doc.Samples, 1e9))
	}
	if doc.MinStep != nil {
		n := floatStep(*doc.MinStep)
		s.MinStep = &n
	}
	if doc.MaxStep != nil {
		n := floatStep(*doc.MaxStep)
		s.MaxStep = &n
	}
	return s, nil
}

// whole reports whether the range has no more steps than samples, so that all
// its rows are meant.
func (s SampleSpec) whole() bool {
	return s.MinStep != nil && s.MaxStep != nil && (*s.MaxStep <= *s.MinStep || uint64(*s.MaxStep-*s.MinStep) <= uint64(s.Samples))
}

func (s SampleSpec) steps() history.Range {
	r := history.All()
	if s.MinStep != nil {
		r.StepFrom = *s.MinStep
	}
	if s.MaxStep != nil && *s.MaxStep < r.StepTo {
		r.StepTo = *s.MaxStep + 1
	}
	return r
}

// Sampled returns rows of a run's history that have all keys of the spec, as
// JSON objects in row order. NaN and ±Infinity are strings, because the answer
// is a JSON value of GraphQL. Which rows are kept: docs/design/011.
func (q *Query) Sampled(ctx context.Context, runID int64, spec SampleSpec) ([]json.RawMessage, error) {
	s, err := q.open(ctx, runID, ballast.History)
	if err != nil {
		return nil, err
	}
	keys, err := q.storedKeys(ctx, s, ballast.History, spec.Keys)
	if err != nil {
		return nil, err
	}
	if spec.Samples <= 0 {
		spec.Samples = defaultSamples
	}
	keep := func(int64) bool { return true }
	if !spec.whole() {
		var n int64
		if err := s.join(ctx, keys, spec.steps(), func(*joined) error { n++; return nil }); err != nil {
			return nil, err
		}
		keep = sampler(int64(spec.Samples), n)
	}
	rows, size, i := []json.RawMessage{}, 0, int64(0)
	err = s.join(ctx, keys, spec.steps(), func(j *joined) error {
		if i++; !keep(i - 1) {
			return nil
		}
		row := j.appendJSON(nil, spec.Keys)
		if size += len(row); size > maxRowBytes {
			return ballast.Errorf(ballast.TooLarge, "the rows asked for are more than %d MB together; ask for fewer samples", maxRowBytes>>20)
		}
		rows = append(rows, row)
		return nil
	})
	return rows, err
}

// sampler returns a function that is asked for 0, 1, … n-1 in turn and says
// which to keep.
func sampler(samples, n int64) func(int64) bool {
	next := int64(0) // the sample to come
	return func(i int64) bool {
		if n <= samples {
			return true
		}
		if next == samples || i != sampleAt(next, samples, n) {
			return false
		}
		next++
		return true
	}
}

// storedKeys finds the keys that names stand for: a name with a dot is a
// nested key, or else a name that has the dot itself.
func (q *Query) storedKeys(ctx context.Context, s *stream, which ballast.Stream, names []string) ([]string, error) {
	keys := slices.Clone(names)
	if !slices.ContainsFunc(names, func(n string) bool { return strings.ContainsAny(n, `.\`) }) {
		return keys, nil
	}
	known, err := q.streamKeys(ctx, s, which)
	if err != nil {
		return nil, err
	}
	stored := map[string]string{}
	for key, name := range shownNames(known.Keys) {
		stored[name] = key
	}
	for i, name := range names {
		if key, ok := stored[name]; ok {
			keys[i] = key
		} else if _, ok := slices.BinarySearchFunc(known.Keys, name, func(k history.KeyInfo, n string) int { return strings.Compare(k.Key, n) }); !ok {
			keys[i] = history.EscapeKey(name)
		}
	}
	return keys, nil
}

// appendJSON appends the row as a JSON object with the keys by the names given.
func (j *joined) appendJSON(b []byte, names []string) []byte {
	b = append(b, '{')
	for k, name := range names {
		if k > 0 {
			b = append(b, ',')
		}
		b = append(history.AppendText(b, name), ':')
		p, at := &j.points[k], j.at[k]
		if form := p.FormAt(at); form == history.JSON {
			b = append(b, quoteSpecial(p.JSON[at])...)
		} else {
			b = history.AppendNumber(b, p.Value[at], form, true)
		}
	}
	return append(b, '}')
}

// rowNames prints rows with the names that keys have outside.
type rowNames struct {
	q     *Query
	s     *stream
	which ballast.Stream
	shown map[string]string // nil until a name with an escape comes
}

func (n *rowNames) print(ctx context.Context, t *history.Table, row int64, buf []byte) ([]byte, error) {
	buf = t.AppendRowJSON(buf, row, history.RowOptions{Flat: true})
	if !bytes.ContainsRune(buf, '\\') {
		return buf, nil
	}
	if n.shown == nil {
		known, err := n.q.streamKeys(ctx, n.s, n.which)
		if err != nil {
			return nil, err
		}
		n.shown = shownNames(known.Keys)
	}
	return renameMembers(buf, n.shown), nil
}

// renameMembers gives the members of a JSON object other names and leaves their
// values as they are.
func renameMembers(row []byte, names map[string]string) []byte {
	p := parser{s: string(row)}
	out := make([]byte, 0, len(row))
	err := p.members(func(key string) error {
		if len(out) > 0 {
			out = append(out, ',')
		}
		if name, ok := names[key]; ok {
			key = name
		}
		out = append(history.AppendText(out, key), ':')
		start := p.i
		err := p.skip()
		out = append(out, p.s[start:p.i]...)
		return err
	})
	if err != nil {
		return row
	}
	return append(append([]byte{'{'}, out...), '}')
}
