package graph

import (
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ballast-ml/ballast"
)

// The limits of a request (issue 3, F). What is large travels in variables.
const (
	MaxBody   = 32 << 20 // bytes of a request's body; the server's route enforces it
	maxText   = 1 << 20  // bytes of the GraphQL text
	maxDepth  = 50       // levels of selections, after fragments are put in
	maxTokens = 3000     // of the text: comparing its fields is quadratic; the SDK sends some hundreds
	maxCost   = 1_000_000
	maxPage   = 1000
)

// checkText refuses a text before it is parsed: the parser recurses, so that
// depth has to be known first. Brackets inside strings and comments count for
// nothing.
func checkText(query string) error {
	if len(query) > maxText {
		return ballast.Errorf(ballast.TooLarge, "the GraphQL text has %d bytes, at most %d are allowed; send large values as variables", len(query), maxText)
	}
	depth := 0
	for i := 0; i < len(query); i++ {
		switch query[i] {
		case '{', '[', '(':
			// Values and types nest too: twice the depth of selections is room enough.
			if depth++; depth > 2*maxDepth {
				return tooDeep()
			}
		case '}', ']', ')':
			depth--
		case '#':
			for i < len(query) && query[i] != '\n' && query[i] != '\r' {
				i++
			}
		case '"':
			i = endOfString(query, i)
		}
	}
	return nil
}

// endOfString returns where the string that starts at i ends.
func endOfString(query string, i int) int {
	if len(query) >= i+3 && query[i:i+3] == `"""` {
		for i += 3; i < len(query); i++ {
			switch {
			case query[i] == '\\':
				i++
			case query[i] == '"' && len(query) >= i+3 && query[i:i+3] == `"""`:
				return i + 2
			}
		}
		return i
	}
	for i++; i < len(query) && query[i] != '"' && query[i] != '\n'; i++ {
		if query[i] == '\\' {
			i++
		}
	}
	return i
}

func tooDeep() error {
	return ballast.Errorf(ballast.Invalid, "the GraphQL text is nested deeper than %d levels", maxDepth)
}

// weight is the depth and the cost of a selection: about how many values the
// answer can have.
type weight struct{ depth, cost int }

// checkCost refuses an operation that is too deep or would answer too much.
// Each fragment is weighed once, so that fragments that double each other cost
// nothing to check.
func checkCost(op *graphql.OperationContext) error {
	w := weigher{variables: op.Variables, fragments: map[string]weight{}}
	got := w.selection(op.Operation.SelectionSet)
	if got.depth > maxDepth {
		return tooDeep()
	}
	if got.cost > maxCost {
		return ballast.Errorf(ballast.Invalid, "the query asks for up to %d values, at most %d are allowed; ask for smaller pages", got.cost, maxCost)
	}
	return nil
}

type weigher struct {
	variables map[string]any
	fragments map[string]weight
}

func (w *weigher) selection(set ast.SelectionSet) (sum weight) {
	for _, s := range set {
		var one weight
		switch s := s.(type) {
		case *ast.Field:
			one = w.field(s)
		case *ast.InlineFragment:
			one = w.selection(s.SelectionSet)
		case *ast.FragmentSpread:
			one = w.fragment(s)
		}
		sum.depth = max(sum.depth, one.depth)
		sum.cost = min(sum.cost+one.cost, 10*maxCost)
	}
	return sum
}

func (w *weigher) fragment(s *ast.FragmentSpread) weight {
	known, ok := w.fragments[s.Name]
	if !ok {
		// Validation refused cycles; the entry keeps this finite all the same.
		w.fragments[s.Name] = weight{}
		known = w.selection(s.Definition.SelectionSet)
		w.fragments[s.Name] = known
	}
	return known
}

func (w *weigher) field(f *ast.Field) weight {
	inner := w.selection(f.SelectionSet)
	times := 1
	for _, arg := range f.Arguments {
		if arg.Name == "first" || arg.Name == "last" {
			times = max(times, w.integer(arg.Value))
		}
	}
	return weight{inner.depth + 1, min(1+times*inner.cost, 10*maxCost)}
}

// integer is the number that an argument says, 0 when it is none. Pages are
// cut to maxPage when they are read.
func (w *weigher) integer(v *ast.Value) int {
	got, err := v.Value(w.variables)
	if err != nil {
		return 0
	}
	var n int64
	switch got := got.(type) {
	case int64:
		n = got
	case interface{ Int64() (int64, error) }: // json.Number
		n, _ = got.Int64()
	case string:
		n, _ = strconv.ParseInt(got, 10, 64)
	}
	return int(min(max(n, 0), maxPage))
}

// page is how many items of a list to answer: what was asked for, within
// 1 to most.
func page(first *int, otherwise, most int) int {
	return min(max(number(first, otherwise), 1), most)
}
