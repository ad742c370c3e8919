package query

import (
	"slices"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
)

// isScreenFilter tells the document of a screen's filter from the Mongo-style
// language: it has "op" beside "filters" or "key".
func isScreenFilter(v value) bool {
	_, group := v.member("filters")
	key, leaf := v.member("key")
	return group || leaf && key.kind == object || leaf && key.none()
}

// screenOps are the operators of a screen's filter in the Mongo-style language.
var screenOps = map[string]string{
	"=": "$eq", "==": "$eq", "!=": "$ne", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte",
	"IN": "$in", "NIN": "$nin", "REGEX": "$regex", "CONTAINS": "$contains", "EXISTS": "$exists",
}

// sections are the prefixes of a screen's sections.
var sections = map[string]string{
	"run": "", "config": "config.", "summary": "summary_metrics.", "keys_info": "keys_info.keys.", "tags": "tags.",
}

// screen compiles {op, filters} or {op, key{section, name}, value, disabled}.
func (c *compiler) screen(v value, depth int) (node, error) {
	op, _ := v.member("op")
	filters, group := v.member("filters")
	if group && filters.kind == list {
		return c.screenGroup(op.str, filters, depth)
	}
	if off, _ := v.member("disabled"); off.kind == boolean && off.num != 0 {
		return andNode(nil), nil
	}
	key, _ := v.member("key")
	section, _ := key.member("section")
	name, _ := key.member("name")
	want, _ := v.member("value")
	if name.str == "" || want.none() && op.str != "=" && op.str != "==" && op.str != "!=" && op.str != "EXISTS" {
		return andNode(nil), nil // a row of the form that is not filled in
	}
	prefix, ok := sections[section.str]
	if !ok {
		return nil, ballast.Errorf(ballast.Invalid, "filter of %q: section %.40q is unknown; there are run, config, summary, keys_info and tags", name.str, section.str)
	}
	if op.str == "IN" && section.str == "tags" {
		prefix, name.str = "", "tags"
	}
	f, err := parseField(prefix + name.str)
	if err != nil {
		return nil, err
	}
	if op.str == "WITHINSECONDS" {
		return c.within(f, want)
	}
	mongo, ok := screenOps[op.str]
	if !ok {
		return nil, ballast.Errorf(ballast.Invalid, "filter of %q: operator %.40q is unknown", f, op.str)
	}
	t, err := c.operator(f, mongo, want, value{kind: object, keys: []string{mongo}, list: []value{want}})
	if err != nil {
		return nil, err
	}
	return c.add(f, t)
}

// screenGroup compiles AND and OR. A group without a condition that is
// switched on restricts nothing.
func (c *compiler) screenGroup(op string, filters value, depth int) (node, error) {
	parts, err := c.parts(op, value{kind: list, list: slices.DeleteFunc(slices.Clone(filters.list), isOff)}, depth)
	if err != nil {
		return nil, err
	}
	switch strings.ToUpper(op) {
	case "OR":
		if len(parts) == 0 {
			return andNode(nil), nil
		}
		return orNode(parts), nil
	case "AND":
		return andNode(parts), nil
	}
	return nil, ballast.Errorf(ballast.Invalid, "filter group: operator %.40q is unknown; there are AND and OR", op)
}

func isOff(v value) bool {
	off, _ := v.member("disabled")
	return off.kind == boolean && off.num != 0
}

// within compiles "not longer ago than": want is seconds.
func (c *compiler) within(f field, want value) (node, error) {
	if f.source != fromRun || runColumns[f.name] != moment || want.kind != number {
		return nil, ballast.Errorf(ballast.Invalid, "operator WITHINSECONDS needs a field of times and a number of seconds, not %q and %s", f, want.kind)
	}
	c.timed = true
	since := c.now.Add(-time.Duration(want.num * float64(time.Second)))
	return c.add(f, compareTest(value{kind: moment, num: float64(since.UnixMicro())}, comparisons["$gte"]))
}
