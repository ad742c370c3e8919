package query

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ballast-ml/ballast"
)

// Limits of a formula.
const (
	maxFormulaBytes = 2000
	maxFormulaDepth = 100
	maxFormulaKeys  = 16
)

// formula is arithmetic over metrics, computed row by row: numbers, names,
// + - * / % ** and brackets, binding as in Python; % has the sign of its left
// side. A name is letters, digits, _ and . or anything within ${ }.
type formula struct {
	keys []string // each once, in order of their first use
	eval evaluator
}

// formulaOf returns the formula that a key or an axis is: one that begins with
// "=". Nil without an error: it is the name of a metric.
func formulaOf(key string) (*formula, error) {
	text, ok := strings.CutPrefix(key, "=")
	if !ok {
		return nil, nil
	}
	return parseFormula(text)
}

// nameFormula is the formula of one metric.
func nameFormula(key string) *formula {
	return &formula{keys: []string{key}, eval: func(v []float64) float64 { return v[0] }}
}

func parseFormula(text string) (*formula, error) {
	if len(text) > maxFormulaBytes {
		return nil, ballast.Errorf(ballast.Invalid, "an expression of %d bytes: at most %d are allowed", len(text), maxFormulaBytes)
	}
	p := formulaParser{s: text}
	eval, err := p.sum()
	if err == nil && p.peek() != 0 {
		err = p.fault("an operator is missing")
	}
	if err != nil {
		return nil, err
	}
	return &formula{keys: p.keys, eval: eval}, nil
}

// evaluator computes from the values of a formula's keys.
type evaluator func(values []float64) float64

// formulaParser descends through sum, product, sign, power, atom.
type formulaParser struct {
	s     string
	i     int
	depth int
	keys  []string
}

func (p *formulaParser) fault(what string) error {
	return ballast.Errorf(ballast.Invalid, "the expression %.200q: at character %d %s", p.s, len([]rune(p.s[:p.i]))+1, what)
}

// peek is the next byte after blanks, 0 at the end.
func (p *formulaParser) peek() byte {
	for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\t' || p.s[p.i] == '\n' || p.s[p.i] == '\r') {
		p.i++
	}
	if p.i == len(p.s) {
		return 0
	}
	return p.s[p.i]
}

func (p *formulaParser) sum() (evaluator, error) {
	if p.depth++; p.depth > maxFormulaDepth {
		return nil, p.fault("there are too many brackets within each other")
	}
	defer func() { p.depth-- }()
	left, err := p.product()
	for err == nil {
		op := p.peek()
		if op != '+' && op != '-' {
			return left, nil
		}
		p.i++
		var right evaluator
		if right, err = p.product(); err == nil {
			left = combined(op, left, right)
		}
	}
	return nil, err
}

func (p *formulaParser) product() (evaluator, error) {
	left, err := p.sign()
	for err == nil {
		op := p.peek()
		if op != '*' && op != '/' && op != '%' {
			return left, nil
		}
		p.i++
		var right evaluator
		if right, err = p.sign(); err == nil {
			left = combined(op, left, right)
		}
	}
	return nil, err
}

func (p *formulaParser) sign() (evaluator, error) {
	negative := false
	for op := p.peek(); op == '+' || op == '-'; op = p.peek() {
		negative = negative != (op == '-')
		p.i++
	}
	of, err := p.power()
	if err != nil || !negative {
		return of, err
	}
	return func(v []float64) float64 { return -of(v) }, nil
}

func (p *formulaParser) power() (evaluator, error) {
	base, err := p.atom()
	if err != nil || p.peek() != '*' || !strings.HasPrefix(p.s[p.i:], "**") {
		return base, err
	}
	p.i += 2
	if p.depth++; p.depth > maxFormulaDepth {
		return nil, p.fault("there are too many powers of powers")
	}
	defer func() { p.depth-- }()
	exponent, err := p.sign()
	if err != nil {
		return nil, err
	}
	return func(v []float64) float64 { return math.Pow(base(v), exponent(v)) }, nil
}

func (p *formulaParser) atom() (evaluator, error) {
	switch c := p.peek(); {
	case c == '(':
		p.i++
		inner, err := p.sum()
		if err != nil {
			return nil, err
		}
		if p.peek() != ')' {
			return nil, p.fault("a ) is missing")
		}
		p.i++
		return inner, nil
	case strings.HasPrefix(p.s[p.i:], "${"):
		end := strings.IndexByte(p.s[p.i:], '}')
		if end < 3 {
			return nil, p.fault("a name in ${ } is missing")
		}
		name := p.s[p.i+2 : p.i+end]
		p.i += end + 1
		return p.named(name)
	case c >= '0' && c <= '9' || c == '.':
		return p.number()
	default:
		start := p.i
		for p.i < len(p.s) && nameByte(p.s[p.i]) {
			p.i++
		}
		if p.i == start {
			return nil, p.fault("a value is missing")
		}
		return p.named(p.s[start:p.i])
	}
}

func nameByte(c byte) bool {
	return c == '_' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func (p *formulaParser) number() (evaluator, error) {
	start := p.i
	for p.i < len(p.s) {
		c := p.s[p.i]
		exponent := (c == '+' || c == '-') && p.i > start && (p.s[p.i-1] == 'e' || p.s[p.i-1] == 'E')
		if !nameByte(c) && !exponent {
			break
		}
		p.i++
	}
	f, err := strconv.ParseFloat(p.s[start:p.i], 64)
	if err != nil {
		text := p.s[start:p.i]
		p.i = start
		return nil, p.fault(strconv.Quote(text) + " is not a number")
	}
	return func([]float64) float64 { return f }, nil
}

func (p *formulaParser) named(key string) (evaluator, error) {
	i := slices.Index(p.keys, key)
	if i < 0 {
		if len(p.keys) == maxFormulaKeys {
			return nil, p.fault("there are more than " + strconv.Itoa(maxFormulaKeys) + " metrics")
		}
		i, p.keys = len(p.keys), append(p.keys, key)
	}
	return func(v []float64) float64 { return v[i] }, nil
}

func combined(op byte, a, b evaluator) evaluator {
	switch op {
	case '+':
		return func(v []float64) float64 { return a(v) + b(v) }
	case '-':
		return func(v []float64) float64 { return a(v) - b(v) }
	case '*':
		return func(v []float64) float64 { return a(v) * b(v) }
	case '/':
		return func(v []float64) float64 { return a(v) / b(v) }
	}
	return func(v []float64) float64 { return math.Mod(a(v), b(v)) }
}
