package graph

import "testing"

func TestMergeMetrics(t *testing.T) {
	for _, tt := range []struct{ name, below, above, want string }{
		{"nothing new", `[{"1":"a"}]`, `[]`, `[{"1":"a"}]`},
		{"places are counted anew", `[{"1":"epoch"},{"1":"acc","5":1,"7":[2]}]`, `[{"1":"step"},{"1":"loss","5":1}]`,
			`[{"1":"epoch"},{"1":"acc","5":1,"7":[2]},{"1":"step"},{"1":"loss","5":3}]`},
		{"replaced in its place", `[{"1":"epoch"},{"1":"acc","5":1,"7":[2]}]`, `[{"1":"acc","5":2,"7":[1]},{"1":"step"}]`,
			`[{"1":"epoch"},{"1":"acc","5":3,"7":[1]},{"1":"step"}]`},
		{"twice the same", `[{"1":"acc"},{"1":"step"},{"1":"loss","5":2}]`, `[{"1":"step"},{"1":"loss","5":1}]`, `[{"1":"acc"},{"1":"step"},{"1":"loss","5":2}]`},
		{"globs", `[{"2":"val/*","5":2},{"1":"epoch"}]`, `[{"2":"val/*"},{"1":"val/x"}]`, `[{"2":"val/*"},{"1":"epoch"},{"1":"val/x"}]`},
		{"none below", `7`, `[{"1":"a"}]`, `[{"1":"a"}]`},
		{"none above", `[{"1":"a"}]`, ``, `[{"1":"a"}]`},
	} {
		if got := string(mergeMetrics([]byte(tt.below), []byte(tt.above))); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
