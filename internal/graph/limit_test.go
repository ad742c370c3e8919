package graph

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast"
)

func TestCheckText(t *testing.T) {
	deep := func(n int) string {
		return strings.Repeat("{a", n) + strings.Repeat("}", n)
	}
	for _, c := range []struct {
		name, query string
		ok          bool
	}{
		{"short", "{viewer{id}}", true},
		{"brackets in a string", `{a(b:"` + strings.Repeat("{", 500) + `")}`, true},
		{"escaped quote", `{a(b:"\"` + strings.Repeat("{", 500) + `")}`, true},
		{"block string", `{a(b:"""` + strings.Repeat(`{"`, 500) + `""")}`, true},
		{"comment", "#" + strings.Repeat("{", 500) + "\n{a}", true},
		{"deep", deep(101), false},
		{"deep lists", "{a(b:" + strings.Repeat("[", 120) + strings.Repeat("]", 120) + ")}", false},
		{"deep after a comment", "# x\n" + deep(101), false},
		{"open string", `{a(b:"`, true}, // the parser says what is wrong
		{"long", "{a(b:\"" + strings.Repeat("x", maxText) + "\")}", false},
	} {
		if err := checkText(c.query); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// doubling is a text whose fragments double each other n times.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString("{serverInfo{...f0}}")
	for i := range n {
		fmt.Fprintf(&b, "fragment f%d on ServerInfo{...f%d ...f%d}", i, i+1, i+1)
	}
	fmt.Fprintf(&b, "fragment f%d on ServerInfo{version}", n)
	return b.String()
}

func TestCosts(t *testing.T) {
	g := bare(t)
	run := strings.Repeat("run{project{", 30) + "id" + strings.Repeat("}}", 30)
	for _, c := range []struct {
		name, query string
		kind        ballast.Kind
		ok          bool
	}{
		{"little", "{serverInfo{version}}", 0, true},
		{"fragments that double", doubling(60), ballast.Invalid, false},
		{"too deep for the engine", "query($p:String){project(name:$p){" + strings.ReplaceAll(run, "run{", `run(name:"r"){`) + "}}", ballast.Invalid, false},
		{"many pages in each other", `{models(first:1000){edges{node{runs(first:1000){edges{node{id}}}}}}}`, ballast.Invalid, false},
		{"many pages by variable", `query($n:Int=1000){models(first:$n){edges{node{runs(first:$n){edges{node{id}}}}}}}`, ballast.Invalid, false},
	} {
		got := g.Do(t.Context(), call(c.query, nil))
		if got.Failed == c.ok || got.Failed && got.Kind != c.kind {
			t.Errorf("%s: failed %v with %v: %.300s", c.name, got.Failed, got.Kind, got.Body)
		}
	}
}
