package ingest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/s2"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
)

// derived is what is kept of a run whose client leaves the summary to the
// server (docs/design/062). Its text is a JSON object with bare NaN and
// Infinity: {"base":{…},"keys":{KEY:{"last":…,"first":…,"min":…,"max":…,
// "sum":…,"n":…}},"set":{…}}.
type derived struct {
	base string // the summary there was before the first derived row
	keys map[string]*tally
	set  string // what the client sent: values it set itself
}

// tally is what rows said of one key; values are their JSON.
type tally struct {
	last, first, min, max string
	sum                   float64
	n                     int // numbers
}

// deriveFrom returns a function that makes the summary out of stored rows and
// of what the client sent beside them, nil for nothing.
func deriveFrom(sent []byte, shared bool) func(meta.Derivation) (state, summary []byte, err error) {
	return func(in meta.Derivation) ([]byte, []byte, error) {
		d, err := openDerived(in)
		if err != nil {
			return nil, nil, ballast.Wrap(ballast.Internal, err, "a stored summary is damaged")
		}
		if in.Chunk != nil {
			if err := d.addChunk(in.Chunk); err != nil {
				return nil, nil, err
			}
		}
		switch {
		case sent == nil:
		case shared: // each process sends its own part
			d.set = string(mergeObjects([]byte(d.set), sent))
		default:
			d.set = string(sent)
		}
		return packJSON(d.text()), packJSON(d.summary(readRules(in.Config))), nil
	}
}

func openDerived(in meta.Derivation) (*derived, error) {
	d := &derived{base: "{}", set: "{}", keys: map[string]*tally{}}
	if in.State == nil {
		base, err := s2.Decode(nil, in.Summary)
		if len(in.Summary) > 0 && err == nil {
			d.base = string(base)
		}
		return d, nil
	}
	text, err := s2.Decode(nil, in.State)
	if err != nil {
		return nil, err
	}
	for _, part := range splitObject(string(text)) {
		switch part.name {
		case `"base"`:
			d.base = part.value
		case `"set"`:
			d.set = part.value
		case `"keys"`:
			for _, m := range splitObject(part.value) {
				var key string
				if err := json.Unmarshal([]byte(m.name), &key); err != nil {
					return nil, err
				}
				d.keys[key] = readTally(m.value)
			}
		}
	}
	return d, nil
}

func readTally(text string) *tally {
	t := new(tally)
	for _, m := range splitObject(text) {
		switch m.name {
		case `"last"`:
			t.last = m.value
		case `"first"`:
			t.first = m.value
		case `"min"`:
			t.min = m.value
		case `"max"`:
			t.max = m.value
		case `"sum"`:
			t.sum, _ = strconv.ParseFloat(m.value, 64)
		case `"n"`:
			t.n, _ = strconv.Atoi(m.value)
		}
	}
	return t
}

// names are the keys in order.
func (d *derived) names() []string {
	names := make([]string, 0, len(d.keys))
	for key := range d.keys {
		names = append(names, key)
	}
	slices.Sort(names)
	return names
}

func (d *derived) text() []byte {
	b := append([]byte(`{"base":`), d.base...)
	b = append(b, `,"keys":{`...)
	for i, key := range d.names() {
		if i > 0 {
			b = append(b, ',')
		}
		t := d.keys[key]
		b = append(history.AppendText(b, key), `:{"last":`...)
		b = append(append(b, t.last...), `,"first":`...)
		b = append(b, t.first...)
		if t.n > 0 {
			b = append(append(b, `,"min":`...), t.min...)
			b = append(append(b, `,"max":`...), t.max...)
			b = history.AppendNumber(append(b, `,"sum":`...), t.sum, history.Float, false)
			b = strconv.AppendInt(append(b, `,"n":`...), int64(t.n), 10)
		}
		b = append(b, '}')
	}
	b = append(b, `},"set":`...)
	return append(append(b, d.set...), '}')
}

// addChunk takes in the rows of a chunk.
func (d *derived) addChunk(chunk []byte) error {
	c, err := history.OpenChunk(chunk)
	if err != nil {
		return err
	}
	var p history.Points
	for _, key := range c.Keys() {
		p.Reset(key)
		if err := c.Column(key, 0, &p); err != nil {
			return err
		}
		if p.Len() == 0 {
			continue
		}
		t := d.keys[key]
		if t == nil {
			t = new(tally)
			d.keys[key] = t
		}
		t.add(&p)
	}
	return nil
}

// add takes in values in row order. As in the SDK, one NaN makes min and max
// NaN.
func (t *tally) add(p *history.Points) {
	for i, v := range p.Value {
		form := p.FormAt(i)
		if t.first == "" {
			t.first = valueText(p, i)
		}
		if form == history.JSON {
			continue
		}
		if t.n == 0 || below(v, t.min) {
			t.min = valueText(p, i)
		}
		if t.n == 0 || below(-v, negated(t.max)) {
			t.max = valueText(p, i)
		}
		t.sum, t.n = t.sum+v, t.n+1
	}
	t.last = valueText(p, p.Len()-1)
}

// below reports whether v takes the place of a least value.
func below(v float64, least string) bool {
	was, err := strconv.ParseFloat(least, 64)
	return err == nil && (v < was || v != v)
}

func negated(number string) string {
	if rest, ok := strings.CutPrefix(number, "-"); ok {
		return rest
	}
	return "-" + number
}

// valueText is value i as JSON.
func valueText(p *history.Points, i int) string {
	if p.FormAt(i) == history.JSON {
		return string(p.JSON[i])
	}
	return string(history.AppendNumber(nil, p.Value[i], p.FormAt(i), false))
}

// summary is the summary by the rules of define_metric.
func (d *derived) summary(rules []summaryRule) []byte {
	t := history.NewTable(0, 1)
	add := func(key, text string) {
		t.Add(&history.Points{Key: key, Row: []int64{0}, Step: []int64{0}, Value: []float64{0}, All: history.JSON, JSON: [][]byte{[]byte(text)}})
	}
	for _, key := range d.names() {
		k, rule := d.keys[key], ruleOf(rules, key)
		if rule == nil || len(rule.kinds) == 0 {
			add(key, k.last)
			continue
		}
		for _, kind := range rule.kinds {
			if name, text := k.says(kind, rule.maximize); text != "" {
				add(key+name, text)
			}
		}
	}
	rows := t.AppendRowJSON(nil, 0, history.RowOptions{})
	return mergeObjects(mergeObjects([]byte(d.base), rows), []byte(d.set))
}

// says is what a kind of summary says of a key, "" for nothing, and the name
// of the member that it is.
func (t *tally) says(kind int, maximize bool) (name, text string) {
	best := t.min
	if maximize {
		best = t.max
	}
	switch {
	case kind == 5:
		return ".last", t.last
	case kind == 7: // copy
		return "", t.last
	case kind == 8:
		return ".first", t.first
	case t.n == 0:
		return "", ""
	case kind == 1:
		return ".min", t.min
	case kind == 2:
		return ".max", t.max
	case kind == 3:
		return ".mean", string(history.AppendNumber(nil, t.sum/float64(t.n), history.Float, false))
	case kind == 4:
		return ".best", best
	}
	return "", "" // none
}

// summaryRule is what define_metric says of summaries: kinds are 1 min, 2 max,
// 3 mean, 4 best, 5 last, 6 none, 7 copy and 8 first (PROTOCOL 2.1).
type summaryRule struct {
	name, glob string
	kinds      []int
	maximize   bool
}

// readRules reads a config's _wandb.m. What is not understood is left out.
func readRules(config []byte) []summaryRule {
	text := string(config)
	for _, name := range []string{`"_wandb"`, `"value"`, `"m"`} {
		found := ""
		for _, m := range splitObject(text) {
			if m.name == name {
				found = m.value
			}
		}
		text = found
	}
	var defined []struct {
		Name  string `json:"1"`
		Glob  string `json:"2"`
		Kinds []int  `json:"7"`
		Goal  int    `json:"8"`
	}
	if text == "" || json.Unmarshal([]byte(text), &defined) != nil {
		return nil
	}
	var rules []summaryRule
	for _, m := range defined {
		rules = append(rules, summaryRule{name: m.Name, glob: m.Glob, kinds: m.Kinds, maximize: m.Goal == 2})
	}
	return rules
}

// ruleOf finds the rule of a key: the exact one, else the first glob, which
// keys that begin with '_' do not match.
func ruleOf(rules []summaryRule, key string) *summaryRule {
	for i := range rules {
		if rules[i].name == key && key != "" {
			return &rules[i]
		}
	}
	for i := range rules {
		g := rules[i].glob
		if rules[i].name == "" && g != "" && !strings.HasPrefix(key, "_") && strings.HasPrefix(key, strings.TrimSuffix(g, "*")) {
			return &rules[i]
		}
	}
	return nil
}
