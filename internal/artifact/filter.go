package artifact

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
)

// Limits of a filter, so that nobody's text can exhaust the server.
const (
	maxFilter        = 1 << 20 // bytes
	maxFilterDepth   = 40
	maxFilterPattern = 1000 // bytes of a regular expression
)

// document is what a filter looks at: fields by their name without case and
// underscores.
type document map[string]any

var filterFields = []string{"state", "digest", "description", "size", "filecount", "versionindex", "createdat", "updatedat", "name", "type", "tag", "tags", "alias", "aliases", "metadata"}

// fieldPath reads "created_at", "createdAt", "metadata.loss".
func fieldPath(name string) ([]string, error) {
	path := strings.Split(name, ".")
	path[0] = strings.ToLower(strings.ReplaceAll(path[0], "_", ""))
	if path[0] == "tags" || path[0] == "tag" {
		path = path[:1] // "tags.name" is the same
	}
	if !slices.Contains(filterFields, path[0]) {
		return nil, ballast.Errorf(ballast.Invalid, "filter: there is no field %.80q; there are %s", name, strings.Join(filterFields, ", "))
	}
	return path, nil
}

func (d document) get(path []string) any {
	v := d[path[0]]
	for _, p := range path[1:] {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	return v
}

// stamp is a time that sorts as text.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// predicate is a compiled filter; nil matches all.
type predicate func(document) bool

func (p predicate) match(d document) bool { return p == nil || p(d) }

// compile reads a Mongo-style filter in JSON.
func compile(filter string) (predicate, error) {
	if strings.TrimSpace(filter) == "" {
		return nil, nil
	}
	if len(filter) > maxFilter {
		return nil, ballast.Errorf(ballast.Invalid, "filter: it has %d bytes, at most %d are allowed", len(filter), maxFilter)
	}
	var v any
	if err := json.Unmarshal([]byte(filter), &v); err != nil {
		return nil, ballast.Errorf(ballast.Invalid, "filter: it is not JSON")
	}
	if v == nil {
		return nil, nil
	}
	return compileObject(v, 0)
}

func compileObject(v any, depth int) (predicate, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, ballast.Errorf(ballast.Invalid, "filter: an object was expected")
	}
	if depth > maxFilterDepth {
		return nil, ballast.Errorf(ballast.Invalid, "filter: it is nested deeper than %d levels", maxFilterDepth)
	}
	var all []predicate
	for key, value := range m {
		p, err := compileMember(key, value, depth)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return every(all), nil
}

func compileMember(key string, value any, depth int) (predicate, error) {
	switch key {
	case "$and", "$or", "$nor":
		list, ok := value.([]any)
		if !ok {
			return nil, ballast.Errorf(ballast.Invalid, "filter: %s needs a list", key)
		}
		var parts []predicate
		for _, v := range list {
			p, err := compileObject(v, depth+1)
			if err != nil {
				return nil, err
			}
			parts = append(parts, p)
		}
		switch key {
		case "$and":
			return every(parts), nil
		case "$or":
			return some(parts), nil
		}
		return not(some(parts)), nil
	case "$not":
		p, err := compileObject(value, depth+1)
		return not(p), err
	}
	path, err := fieldPath(key)
	if err != nil {
		return nil, err
	}
	test, err := compileTest(key, value, depth)
	if err != nil {
		return nil, err
	}
	return func(d document) bool { return test(d.get(path)) }, nil
}

// test asks one field's value.
type test func(any) bool

func compileTest(field string, want any, depth int) (test, error) {
	m, ok := want.(map[string]any)
	if !ok {
		return anyOf(func(v any) bool { return equal(v, want) }), nil
	}
	if depth > maxFilterDepth {
		return nil, ballast.Errorf(ballast.Invalid, "filter: it is nested deeper than %d levels", maxFilterDepth)
	}
	var all []test
	for op, arg := range m {
		t, err := compileOperator(field, op, arg, depth)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return func(v any) bool { return !slices.ContainsFunc(all, func(t test) bool { return !t(v) }) }, nil
}

func compileOperator(field, op string, arg any, depth int) (test, error) {
	compare := func(ok func(int) bool) (test, error) {
		return anyOf(func(v any) bool { return sameSort(v, arg) && ok(compareValues(v, arg)) }), nil
	}
	isEqual := anyOf(func(v any) bool { return equal(v, arg) })
	switch op {
	case "$eq":
		return isEqual, nil
	case "$ne":
		return func(v any) bool { return !isEqual(v) }, nil
	case "$gt":
		return compare(func(c int) bool { return c > 0 })
	case "$gte":
		return compare(func(c int) bool { return c >= 0 })
	case "$lt":
		return compare(func(c int) bool { return c < 0 })
	case "$lte":
		return compare(func(c int) bool { return c <= 0 })
	case "$in", "$nin":
		list, ok := arg.([]any)
		if !ok {
			return nil, ballast.Errorf(ballast.Invalid, "filter: %s of %.80s needs a list", op, field)
		}
		in := anyOf(func(v any) bool { return slices.ContainsFunc(list, func(w any) bool { return equal(v, w) }) })
		if op == "$in" {
			return in, nil
		}
		return func(v any) bool { return !in(v) }, nil
	case "$exists":
		want, ok := arg.(bool)
		if !ok {
			return nil, ballast.Errorf(ballast.Invalid, "filter: $exists of %.80s needs true or false", field)
		}
		return func(v any) bool { return (v != nil) == want }, nil
	case "$regex", "$contains":
		text, ok := arg.(string)
		if !ok || len(text) > maxFilterPattern {
			return nil, ballast.Errorf(ballast.Invalid, "filter: %s of %.80s needs a text of at most %d bytes", op, field, maxFilterPattern)
		}
		if op == "$contains" {
			text = regexp.QuoteMeta(text)
		}
		re, err := regexp.Compile(text) // RE2: linear in the text it is matched with
		if err != nil {
			return nil, ballast.Errorf(ballast.Invalid, "filter: the pattern of %.80s is no regular expression", field)
		}
		return anyOf(func(v any) bool { s, ok := v.(string); return ok && re.MatchString(s) }), nil
	case "$not":
		t, err := compileTest(field, arg, depth+1)
		return func(v any) bool { return !t(v) }, err
	}
	return nil, ballast.Errorf(ballast.Invalid, "filter: operator %.40q of %.80s is not known", op, field)
}

func every(all []predicate) predicate {
	return func(d document) bool {
		return !slices.ContainsFunc(all, func(p predicate) bool { return !p.match(d) })
	}
}

func some(all []predicate) predicate {
	return func(d document) bool { return slices.ContainsFunc(all, func(p predicate) bool { return p.match(d) }) }
}

func not(p predicate) predicate { return func(d document) bool { return !p.match(d) } }

// anyOf asks a list's members when the value is a list.
func anyOf(t test) test {
	return func(v any) bool {
		if list, ok := v.([]any); ok {
			return slices.ContainsFunc(list, t)
		}
		return t(v)
	}
}

func equal(v, want any) bool {
	if v == nil || want == nil {
		return v == nil && want == nil
	}
	return sameSort(v, want) && compareValues(v, want) == 0
}

func sameSort(a, b any) bool {
	switch a.(type) {
	case string:
		_, ok := b.(string)
		return ok
	case float64:
		_, ok := b.(float64)
		return ok
	case bool:
		_, ok := b.(bool)
		return ok
	}
	return false
}

// compareValues orders values of one sort; what has none comes first.
func compareValues(a, b any) int {
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y)
		}
	case float64:
		if y, ok := b.(float64); ok {
			return cmp.Compare(x, y)
		}
	case bool:
		if y, ok := b.(bool); ok && x != y {
			if x {
				return 1
			}
			return -1
		}
	case nil:
		if b != nil {
			return -1
		}
	}
	if b == nil && a != nil {
		return 1
	}
	return 0
}
