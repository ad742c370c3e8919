package query

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ballast-ml/ballast"
)

// textParser reads a query as a person types it; its results are documents of
// the Mongo-style language of the SDK:
//
//	state:running and config.lr > 1e-3 and (tag:paper or not user:ci-bot)
//
// A condition is a field, an operator and a value: ":" (equal for what has
// fixed values, contains for texts), = != > >= < <=, "in [a, b]", ~regex,
// "within 7d", "exists". Words alone search the names of runs. "and" may be
// left out; "or" binds less than "and"; "not" or "-" negates. Texts with
// blanks stand in quotes. Errors are Invalid and say where.
type textParser struct {
	s     string
	i     int
	now   time.Time
	depth int
	short map[string]field // fields that are written without their prefix
	// sees, when not nil, is told of each field, and of names that are none,
	// which are no error then.
	sees func(name string, f field, known bool)
}

func parseText(query string, now time.Time, short map[string]field) (value, error) {
	return (&textParser{s: query, now: now, short: short}).parse()
}

func (p *textParser) parse() (value, error) {
	if len(p.s) > 10_000 {
		return value{}, ballast.Errorf(ballast.Invalid, "the query has %d characters, at most 10000 are allowed", len(p.s))
	}
	p.blank()
	if p.i == len(p.s) {
		return value{kind: object}, nil
	}
	v, err := p.or()
	if err != nil {
		return value{}, err
	}
	if p.i < len(p.s) {
		return value{}, p.fail("%q has no ( before it", p.s[p.i:p.i+1])
	}
	return v, nil
}

// field reads the field that a condition names at start, and its whole name.
func (p *textParser) field(name string, start int) (field, string, error) {
	f, err := parseField(name)
	if p.sees != nil {
		p.sees(name, f, err == nil)
		return f, name, nil
	}
	if err == nil {
		return f, name, nil
	}
	if f, ok := p.short[name]; ok {
		return f, f.String(), nil
	}
	p.i = start
	return field{}, "", p.fail("%w", err)
}

func (p *textParser) fail(format string, args ...any) error {
	return ballast.Errorf(ballast.Invalid, "query at character %d: %w", utf8.RuneCountInString(p.s[:p.i])+1, ballast.Errorf(ballast.Invalid, format, args...))
}

func (p *textParser) blank() {
	for p.i < len(p.s) {
		r, n := utf8.DecodeRuneInString(p.s[p.i:])
		if !unicode.IsSpace(r) {
			return
		}
		p.i += n
	}
}

// keyword reports whether a word stands next, and reads it.
func (p *textParser) keyword(word string) bool {
	p.blank()
	rest := p.s[p.i:]
	if len(rest) < len(word) || !strings.EqualFold(rest[:len(word)], word) {
		return false
	}
	if after := rest[len(word):]; after != "" && !strings.ContainsAny(after[:1], " \t\r\n()[") {
		return false
	}
	p.i += len(word)
	return true
}

func (p *textParser) or() (value, error) { return p.joined("$or", "or", p.and) }

func (p *textParser) joined(op, word string, part func() (value, error)) (value, error) {
	var parts []value
	for {
		v, err := part()
		if err != nil {
			return value{}, err
		}
		parts = append(parts, v)
		if !p.keyword(word) {
			return join(op, parts), nil
		}
	}
}

// and reads conditions until "or", ")" or the end; "and" between them may be
// left out.
func (p *textParser) and() (value, error) {
	var parts []value
	for {
		v, err := p.not()
		if err != nil {
			return value{}, err
		}
		parts = append(parts, v)
		if p.keyword("and") {
			continue
		}
		if at := p.i; p.keyword("or") {
			p.i = at
			return join("$and", parts), nil
		}
		p.blank()
		if p.i == len(p.s) || p.s[p.i] == ')' {
			return join("$and", parts), nil
		}
	}
}

func join(op string, parts []value) value {
	if len(parts) == 1 {
		return parts[0]
	}
	return doc(op, value{kind: list, list: parts})
}

// doc is an object of one member.
func doc(key string, v value) value {
	return value{kind: object, keys: []string{key}, list: []value{v}}
}

func (p *textParser) not() (value, error) {
	if p.depth++; p.depth > maxFilterDepth {
		return value{}, p.fail("more than %d levels", maxFilterDepth)
	}
	defer func() { p.depth-- }()
	negated := p.keyword("not")
	if p.blank(); !negated && p.i+1 < len(p.s) && p.s[p.i] == '-' && p.s[p.i+1] != ' ' {
		negated = true
		p.i++
	}
	if negated {
		v, err := p.not()
		return doc("$nor", value{kind: list, list: []value{v}}), err
	}
	if p.blank(); p.i < len(p.s) && p.s[p.i] == '(' {
		p.i++
		v, err := p.or()
		if err != nil {
			return v, err
		}
		if p.blank(); p.i == len(p.s) || p.s[p.i] != ')' {
			return v, p.fail("a ) is missing")
		}
		p.i++
		return v, nil
	}
	return p.condition()
}

// operators in the order they are tried.
var textOps = []struct{ text, mongo string }{
	{"!=", "$ne"}, {"!~", "!~"}, {">=", "$gte"}, {"<=", "$lte"}, {"==", "$eq"},
	{">", "$gt"}, {"<", "$lt"}, {"=", "$eq"}, {"~", "$regex"}, {":", ":"},
}

func (p *textParser) condition() (value, error) {
	start := p.i
	name, quoted, err := p.word(true)
	if err != nil {
		return value{}, err
	}
	if name == "" && !quoted {
		return value{}, p.fail("a condition is missing")
	}
	after := p.i
	if p.keyword("exists") {
		return p.on(name, start, doc("$exists", boolValue(true)))
	}
	if p.keyword("within") {
		return p.within(name, start)
	}
	if p.keyword("in") {
		if v, ok, err := p.in(name, start); ok || err != nil {
			return v, err
		}
	}
	p.blank()
	for _, op := range textOps {
		if strings.HasPrefix(p.s[p.i:], op.text) {
			p.i += len(op.text)
			return p.compare(name, start, op.mongo)
		}
	}
	p.i = after
	return search(name), nil
}

// search is what a bare word asks: the name or id of the run contains it.
func search(word string) value {
	re := doc("$regex", textValue("(?i)"+regexp.QuoteMeta(word)))
	return doc("$or", value{kind: list, list: []value{doc("display_name", re), doc("name", re)}})
}

// on makes a condition of a field's name as written at start.
func (p *textParser) on(name string, start int, cond value) (value, error) {
	_, name, err := p.field(name, start)
	return doc(name, cond), err
}

func (p *textParser) compare(name string, start int, op string) (value, error) {
	f, name, err := p.field(name, start)
	if err != nil {
		return value{}, err
	}
	p.blank()
	word, quoted, err := p.word(false)
	if err != nil {
		return value{}, err
	}
	if word == "" && !quoted {
		return value{}, p.fail("a value is missing after %s", name)
	}
	switch op {
	case ":":
		return doc(name, colon(f, word, quoted)), nil
	case "$regex":
		return doc(name, doc("$regex", textValue(word))), nil
	case "!~":
		return doc(name, doc("$not", doc("$regex", textValue(word)))), nil
	}
	return doc(name, doc(op, literal(f, word, quoted))), nil
}

// colon is the forgiving comparison: without case, and for texts without
// fixed values a part is enough.
func colon(f field, word string, quoted bool) value {
	lit := literal(f, word, quoted)
	if lit.kind != text || runColumns[f.name] == moment {
		return doc("$eq", lit)
	}
	pattern := regexp.QuoteMeta(word)
	switch f.name {
	case "state", "username", "tags", "sweep", "group", "job_type":
		pattern = "^" + pattern + "$"
	}
	return doc("$regex", textValue("(?i)"+pattern))
}

// literal reads a value: a number, true, false or null, unless it is quoted or
// the field holds texts only.
func literal(f field, word string, quoted bool) value {
	if quoted || f.source == fromRun && (runColumns[f.name] == text || runColumns[f.name] == list) && word != "null" {
		return textValue(word)
	}
	switch strings.ToLower(word) {
	case "true":
		return boolValue(true)
	case "false":
		return boolValue(false)
	case "null", "none":
		return value{kind: null}
	}
	if n, err := strconv.ParseFloat(word, 64); err == nil {
		return numberValue(n)
	}
	return textValue(word)
}

// in reads the list of "field in [a, b]" or "(a, b)". ok is false when no list
// follows: then "in" was a word to search for.
func (p *textParser) in(name string, start int) (v value, ok bool, err error) {
	p.blank()
	if p.i == len(p.s) || p.s[p.i] != '[' && p.s[p.i] != '(' {
		return v, false, nil
	}
	end := byte(']')
	if p.s[p.i] == '(' {
		end = ')'
	}
	p.i++
	f, name, err := p.field(name, start)
	if err != nil {
		return v, false, err
	}
	wants := value{kind: list}
	for {
		p.blank()
		if p.i == len(p.s) {
			return v, false, p.fail("a %c is missing", end)
		}
		switch c := p.s[p.i]; {
		case c == end:
			p.i++
			return doc(name, doc("$in", wants)), true, nil
		case c == ',':
			p.i++
			continue
		}
		word, quoted, err := p.word(false)
		if err != nil {
			return v, false, err
		}
		if word == "" && !quoted {
			return v, false, p.fail("%q cannot stand in a list", p.s[p.i:p.i+1])
		}
		wants.list = append(wants.list, literal(f, word, quoted))
	}
}

// within reads the span of "created within 7d".
func (p *textParser) within(name string, start int) (value, error) {
	f, err := parseField(name)
	if err != nil || f.source != fromRun || runColumns[f.name] != moment {
		p.i = start
		if err == nil {
			err = ballast.Errorf(ballast.Invalid, "%s is not a time; created_at, updated_at and heartbeat_at are", name)
		}
		return value{}, p.fail("%w", err)
	}
	p.blank()
	at := p.i
	word, _, err := p.word(false)
	if err != nil {
		return value{}, err
	}
	span, ok := parseSpan(word)
	if !ok {
		p.i = at
		return value{}, p.fail("%q is not a span of time such as 30m, 12h, 7d or 2w", word)
	}
	since := p.now.Add(-span).UTC().Format(time.RFC3339Nano)
	return doc(name, doc("$gte", textValue(since))), nil
}

func parseSpan(s string) (time.Duration, bool) {
	i := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if i <= 0 {
		return 0, false
	}
	n, err := strconv.ParseFloat(s[:i], 64)
	unit := map[string]time.Duration{"s": time.Second, "m": time.Minute, "min": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}[s[i:]]
	if err != nil || unit == 0 || n*float64(unit) > 1e18 {
		return 0, false
	}
	return time.Duration(n * float64(unit)), true
}

// word reads a text in quotes, or characters up to a blank or a bracket, and,
// for a field's name, up to an operator.
func (p *textParser) word(name bool) (word string, quoted bool, err error) {
	p.blank()
	if p.i < len(p.s) && (p.s[p.i] == '"' || p.s[p.i] == '\'') {
		word, err = p.quoted(p.s[p.i])
		return word, true, err
	}
	stop := " \t\r\n()[],"
	if name {
		stop = " \t\r\n()[],:=!<>~\""
	}
	start := p.i
	for p.i < len(p.s) && strings.IndexByte(stop, p.s[p.i]) < 0 {
		p.i++
	}
	return p.s[start:p.i], false, nil
}

func (p *textParser) quoted(q byte) (string, error) {
	at := p.i
	var b strings.Builder
	for p.i++; p.i < len(p.s); p.i++ {
		switch c := p.s[p.i]; {
		case c == q:
			p.i++
			return b.String(), nil
		case c == '\\' && p.i+1 < len(p.s) && (p.s[p.i+1] == q || p.s[p.i+1] == '\\'):
			p.i++
			b.WriteByte(p.s[p.i])
		default:
			b.WriteByte(c)
		}
	}
	p.i = at
	return "", p.fail("the text does not end: a %c is missing", q)
}
