package query

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/ballast-ml/ballast"
)

func (c *compiler) document(doc []byte) (node, error) {
	if len(doc) > maxFilterBytes {
		return nil, ballast.Errorf(ballast.Invalid, "the filter has %d bytes, at most %d are allowed", len(doc), maxFilterBytes)
	}
	s := strings.TrimSpace(string(doc))
	if s == "" {
		return nil, nil
	}
	v, err := parseJSON(s)
	if err != nil {
		return nil, ballast.Errorf(ballast.Invalid, "the filter is not JSON: %w", err)
	}
	if v.kind == text { // a JSON string around the document, as JSONString invites
		return c.document([]byte(v.str))
	}
	return c.filter(v, 0)
}

// filter compiles a document of conditions, all of which must hold.
func (c *compiler) filter(v value, depth int) (node, error) {
	switch {
	case depth > maxFilterDepth:
		return nil, ballast.Errorf(ballast.Invalid, "the filter is nested deeper than %d levels", maxFilterDepth)
	case v.none():
		return andNode(nil), nil
	case v.kind != object:
		return nil, ballast.Errorf(ballast.Invalid, "a filter must be an object of conditions, not %s", v.kind)
	}
	if _, ok := v.member("op"); ok && isScreenFilter(v) {
		return c.screen(v, depth)
	}
	var all andNode
	for i, key := range v.keys {
		n, err := c.clause(key, v.list[i], depth)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return all, nil
}

// clause compiles one member of a document: a logical operator or a field.
func (c *compiler) clause(key string, v value, depth int) (node, error) {
	switch key {
	case "$and", "$or", "$nor":
		parts, err := c.parts(key, v, depth)
		if err != nil {
			return nil, err
		}
		switch key {
		case "$and":
			return andNode(parts), nil
		case "$or":
			return orNode(parts), nil
		}
		return notNode{orNode(parts)}, nil
	case "$not":
		n, err := c.filter(v, depth+1)
		return notNode{n}, err
	}
	if strings.HasPrefix(key, "$") {
		return nil, ballast.Errorf(ballast.Invalid, "operator %.40q cannot stand here; $and, $or, $nor and $not can, or a field's name", key)
	}
	f, err := parseField(key)
	if err != nil {
		return nil, err
	}
	return c.conditionsOn(f, v, depth)
}

// parts compiles the list of a logical operator. Nulls, which stand for
// disabled conditions, are left out.
func (c *compiler) parts(op string, v value, depth int) ([]node, error) {
	if v.kind == object { // one condition without the list around it
		v = value{kind: list, list: []value{v}}
	}
	if v.kind != list {
		return nil, ballast.Errorf(ballast.Invalid, "operator %s needs a list of conditions, not %s", op, v.kind)
	}
	var parts []node
	for _, e := range v.list {
		if e.none() {
			continue
		}
		n, err := c.filter(e, depth+1)
		if err != nil {
			return nil, err
		}
		parts = append(parts, n)
	}
	return parts, nil
}

// conditionsOn compiles what a document says of one field: a value to equal,
// or an object of operators.
func (c *compiler) conditionsOn(f field, v value, depth int) (node, error) {
	if depth > maxFilterDepth {
		return nil, ballast.Errorf(ballast.Invalid, "the filter is nested deeper than %d levels", maxFilterDepth)
	}
	if v.kind != object || !hasOperator(v) {
		t, err := c.operator(f, "$eq", v, v)
		if err != nil {
			return nil, err
		}
		return c.add(f, t)
	}
	var all andNode
	for i, op := range v.keys {
		var n node
		var err error
		switch {
		case op == "$options" && slices.Contains(v.keys, "$regex"):
			continue
		case op == "$not" && v.list[i].kind == object:
			n, err = c.conditionsOn(f, v.list[i], depth+1)
			n = notNode{n}
		default:
			var t test
			if t, err = c.operator(f, op, v.list[i], v); err == nil {
				n, err = c.add(f, t)
			}
		}
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return all, nil
}

func hasOperator(v value) bool {
	return slices.ContainsFunc(v.keys, func(k string) bool { return strings.HasPrefix(k, "$") })
}

// operator compiles one operator on a field. whole is the object it stands in.
func (c *compiler) operator(f field, op string, v, whole value) (test, error) {
	if tag := f.path; f.source == fromRun && f.name == "tags" && len(tag) == 1 {
		return c.tagOperator(tag[0], op, v)
	}
	t, err := c.plainOperator(f, op, v, whole)
	if err != nil {
		return nil, err
	}
	if f.source != fromRun || runColumns[f.name] != text {
		return t, nil
	}
	if op == "$exists" { // an empty text stands for "not set"
		return func(v value) bool { return (v.kind == text && v.str != "") == isTrue(whole, op) }, nil
	}
	return t, nil
}

func isTrue(whole value, op string) bool {
	v, _ := whole.member(op)
	return (v.kind == boolean || v.kind == number) && v.num != 0
}

func (c *compiler) plainOperator(f field, op string, v, whole value) (test, error) {
	fail := func(needs string) error {
		return ballast.Errorf(ballast.Invalid, "operator %s of field %q needs %s, not %s", op, f, needs, v.kind)
	}
	switch op {
	case "$eq", "$ne":
		want, err := c.operand(f, op, v)
		if err != nil {
			return nil, err
		}
		t := c.nullable(f, equalTest(want))
		if op == "$ne" {
			return not(t), nil
		}
		return t, nil
	case "$gt", "$gte", "$lt", "$lte":
		want, err := c.operand(f, op, v)
		if err != nil {
			return nil, err
		}
		if want.kind != number && want.kind != moment && want.kind != text && want.kind != boolean {
			return nil, fail("a number, a text or a time")
		}
		return compareTest(want, comparisons[op]), nil
	case "$in", "$nin", "$all":
		if v.kind != list {
			return nil, fail("a list")
		}
		wants, err := c.operandList(f, op, v)
		if err != nil {
			return nil, err
		}
		if op == "$all" {
			return c.nullable(f, allTest(wants)), nil
		}
		t := c.nullable(f, inTest(wants))
		if op == "$nin" {
			return not(t), nil
		}
		return t, nil
	case "$exists":
		switch {
		case v.kind != boolean && v.kind != number:
			return nil, fail("true or false")
		case v.num != 0:
			return existsTest, nil
		}
		return not(existsTest), nil
	case "$regex":
		re, err := compilePattern(f, v, whole)
		if err != nil {
			return nil, err
		}
		return regexpTest(re), nil
	case "$contains":
		if v.kind != text && v.kind != number && v.kind != boolean {
			return nil, fail("a text, a number, true or false")
		}
		return containsTest(v), nil
	case "$size":
		if v.kind != number || v.num < 0 || v.num != float64(int64(v.num)) {
			return nil, fail("a whole number from 0")
		}
		return sizeTest(v.num), nil
	case "$not":
		if v.kind == text { // a pattern, as in {"$not": "re"}
			re, err := compilePattern(f, v, whole)
			if err != nil {
				return nil, err
			}
			return not(regexpTest(re)), nil
		}
		return nil, fail("an object of operators or a pattern")
	}
	return nil, ballast.Errorf(ballast.Invalid, "operator %.40q of field %q is unknown; there are $eq $ne $gt $gte $lt $lte $in $nin $all $exists $regex $contains $size $not", op, f)
}

// nullable lets an empty text column pass for null below a negation.
func (c *compiler) nullable(f field, t test) test {
	if f.source == fromRun && runColumns[f.name] == text {
		return emptyIsNull(t)
	}
	return t
}

var comparisons = map[string]func(int) bool{
	"$gt": func(c int) bool { return c > 0 }, "$gte": func(c int) bool { return c >= 0 },
	"$lt": func(c int) bool { return c < 0 }, "$lte": func(c int) bool { return c <= 0 },
}

// operand is v as the field holds it: a time for a column of times.
func (c *compiler) operand(f field, op string, v value) (value, error) {
	if c.operands++; c.operands > maxOperands {
		return v, ballast.Errorf(ballast.Invalid, "operator %s of field %q: the filter compares with more than %d values", op, f, maxOperands)
	}
	if v.kind == object {
		if date, ok := v.member("$date"); ok && len(v.keys) == 1 {
			v = date
			if t, ok := momentOf(v); ok && f.source == fromRun {
				return t, nil
			}
		}
		if hasOperator(v) {
			return v, ballast.Errorf(ballast.Invalid, "operator %s of field %q needs a value, not another operator", op, f)
		}
	}
	if f.source != fromRun || runColumns[f.name] != moment || v.none() {
		return v, nil
	}
	t, ok := momentOf(v)
	if !ok {
		return v, ballast.Errorf(ballast.Invalid, "operator %s of field %q needs a time such as 2026-03-01T12:00:00Z, not %s", op, f, v.appendJSON(nil, true))
	}
	return t, nil
}

func (c *compiler) operandList(f field, op string, v value) ([]value, error) {
	wants := make([]value, len(v.list))
	for i, e := range v.list {
		var err error
		if wants[i], err = c.operand(f, op, e); err != nil {
			return nil, err
		}
	}
	return wants, nil
}

func allTest(wants []value) test {
	tests := make([]test, len(wants))
	for i, w := range wants {
		tests[i] = equalTest(w)
	}
	return func(v value) bool {
		for _, t := range tests {
			if !t(v) {
				return false
			}
		}
		return len(tests) > 0
	}
}

// tagOperator compiles a condition on "tags.<tag>", which screens use as a
// switch: true means that the run has the tag.
func (c *compiler) tagOperator(tag, op string, v value) (test, error) {
	has := equalTest(textValue(tag))
	truth := v.kind == boolean && v.num != 0 || v.kind == text && v.str == tag
	if v.kind != boolean && v.kind != text && !v.none() {
		return nil, ballast.Errorf(ballast.Invalid, "operator %s of field %q needs true or false, not %s", op, "tags."+tag, v.kind)
	}
	switch op {
	case "$eq", "$exists":
	case "$ne":
		truth = !truth
	default:
		return nil, ballast.Errorf(ballast.Invalid, "operator %.40q of field %q is unknown; there are $eq, $ne and $exists", op, "tags."+tag)
	}
	if truth {
		return has, nil
	}
	return not(has), nil
}

// compilePattern compiles the pattern of $regex (RE2, matches anywhere) with
// the $options i, m and s beside it.
func compilePattern(f field, v, whole value) (*regexp.Regexp, error) {
	if v.kind != text {
		return nil, ballast.Errorf(ballast.Invalid, "operator $regex of field %q needs a text, not %s", f, v.kind)
	}
	if len(v.str) > maxPattern {
		return nil, ballast.Errorf(ballast.Invalid, "operator $regex of field %q: the pattern has %d bytes, at most %d are allowed", f, len(v.str), maxPattern)
	}
	flags := ""
	if o, ok := whole.member("$options"); ok {
		if o.kind != text || strings.Trim(o.str, "ims") != "" {
			return nil, ballast.Errorf(ballast.Invalid, "operator $options of field %q needs a text of the letters i, m and s", f)
		}
		if o.str != "" {
			flags = "(?" + o.str + ")"
		}
	}
	re, err := regexp.Compile(flags + v.str)
	if err != nil {
		return nil, ballast.Errorf(ballast.Invalid, "operator $regex of field %q: %w", f, err)
	}
	if steps := programSize(flags + v.str); steps > maxProgram {
		return nil, ballast.Errorf(ballast.Invalid, "operator $regex of field %q: the pattern has %d steps with its repetitions written out, at most %d are allowed", f, steps, maxProgram)
	}
	return re, nil
}

// programSize is the number of instructions of a pattern that compiles: x{1000}
// is short and has a thousand.
func programSize(pattern string) int {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return 0
	}
	return len(prog.Inst)
}
