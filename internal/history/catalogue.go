package history

import (
	"cmp"
	"slices"
	"strings"
)

// KeyInfo is what is known of a key.
type KeyInfo struct {
	Key                 string
	Count               int64
	Kinds               []KindCount // by kind
	Last                []byte      // JSON of the last value; nil when it is over 1024 bytes
	Monotonic           bool        // all values are finite numbers that never fall
	FirstStep, LastStep int64
	FirstRow, LastRow   int64
}

// KindCount counts values: number, string, bool, null, list, object, or
// media:TYPE for an object with a _type.
type KindCount struct {
	Kind  string
	Count int64
}

// maxLast is the longest last value that is kept.
const maxLast = 1024

// Catalogue collects KeyInfo over views in row order.
type Catalogue struct {
	keys     map[string]*keyState
	lastStep int64
}

// keyState is KeyInfo while it is collected.
type keyState struct {
	KeyInfo
	first, last float64 // numbers; meant where Monotonic
}

// NewCatalogue returns an empty one.
func NewCatalogue() *Catalogue { return &Catalogue{keys: map[string]*keyState{}, lastStep: -1} }

// Add takes in values that come after those before.
func (c *Catalogue) Add(p *Points) {
	if p.Len() == 0 {
		return
	}
	s := &keyState{}
	s.add(p)
	c.addState(p.Key, s)
}

// addState takes in what is known of values that come after those before.
func (c *Catalogue) addState(key string, s *keyState) {
	c.lastStep = max(c.lastStep, s.LastStep)
	old := c.keys[key]
	if old == nil {
		s.Key = key
		c.keys[key] = s
		return
	}
	old.merge(s)
}

// Keys returns what is known, sorted by key.
func (c *Catalogue) Keys() []KeyInfo {
	all := make([]KeyInfo, 0, len(c.keys))
	for _, s := range c.keys {
		all = append(all, s.KeyInfo)
	}
	slices.SortFunc(all, func(a, b KeyInfo) int { return cmp.Compare(a.Key, b.Key) })
	return all
}

// LastStep is the highest step of any value, -1 when there is none.
func (c *Catalogue) LastStep() int64 { return c.lastStep }

// add takes in values of one key in row order.
func (s *keyState) add(p *Points) {
	n := p.Len()
	if s.Count == 0 {
		s.FirstRow, s.FirstStep, s.LastStep, s.Monotonic = p.Row[0], p.Step[0], p.Step[0], true
	}
	numbers := int64(0)
	for i := range n {
		s.FirstStep, s.LastStep = min(s.FirstStep, p.Step[i]), max(s.LastStep, p.Step[i])
		if p.FormAt(i) == JSON {
			s.Monotonic = false
			s.addKind(jsonKind(p.JSON[i]), 1)
			continue
		}
		v := p.Value[i]
		if s.Count+int64(i) == 0 {
			s.first = v
		}
		s.Monotonic = s.Monotonic && v-v == 0 && (s.Count+int64(i) == 0 || v >= s.last)
		s.last = v
		numbers++
	}
	if numbers > 0 {
		s.addKind("number", numbers)
	}
	s.Count += int64(n)
	s.LastRow = p.Row[n-1]
	s.Last = lastText(p, n-1)
}

func lastText(p *Points, i int) []byte {
	if p.FormAt(i) != JSON {
		return AppendNumber(nil, p.Value[i], p.FormAt(i), false)
	}
	if len(p.JSON[i]) > maxLast {
		return nil
	}
	return slices.Clone(p.JSON[i])
}

// merge takes in a state whose rows come after.
func (s *keyState) merge(o *keyState) {
	s.Monotonic = s.Monotonic && o.Monotonic && o.first >= s.last
	s.last = o.last
	for _, k := range o.Kinds {
		s.addKind(k.Kind, k.Count)
	}
	s.Count += o.Count
	s.Last, s.LastRow = o.Last, o.LastRow
	s.FirstStep, s.LastStep = min(s.FirstStep, o.FirstStep), max(s.LastStep, o.LastStep)
}

func (s *keyState) addKind(kind string, n int64) {
	i, ok := slices.BinarySearchFunc(s.Kinds, kind, func(k KindCount, kind string) int { return cmp.Compare(k.Kind, kind) })
	if !ok {
		s.Kinds = slices.Insert(s.Kinds, i, KindCount{Kind: kind})
	}
	s.Kinds[i].Count += n
}

// jsonKind is the kind of a valid JSON text.
func jsonKind(text []byte) string {
	switch text = skipBlank(text); {
	case len(text) == 0:
		return "null"
	case text[0] == '"':
		return "string"
	case text[0] == 't' || text[0] == 'f':
		return "bool"
	case text[0] == 'n':
		return "null"
	case text[0] == '[':
		return "list"
	case text[0] != '{':
		return "number" // an integer that a float64 cannot hold
	}
	if t := typeOf(text); t != "" {
		return "media:" + t
	}
	return "object"
}

// typeOf is the _type of an object, "" when it has none.
func typeOf(text []byte) string {
	for s := skipBlank(text[1:]); len(s) > 0 && s[0] == '"'; {
		n := stringEnd(s)
		name := s[:n]
		if s = skipBlank(s[n:]); len(s) == 0 || s[0] != ':' {
			return ""
		}
		s = skipBlank(s[1:])
		_, rest := hashValue(s, 0)
		if string(name) == `"_type"` && len(s) > 1 && s[0] == '"' {
			if t := string(s[1 : stringEnd(s)-1]); len(t) <= 64 && !strings.ContainsAny(t, `\"`) {
				return t
			}
			return ""
		}
		if s = skipBlank(rest); len(s) > 0 && s[0] == ',' {
			s = skipBlank(s[1:])
		}
	}
	return ""
}
