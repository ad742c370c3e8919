package query

import (
	"context"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/google/go-cmp/cmp"
)

func rowsOf(p *TablePage) (rows []string) {
	for _, c := range p.Columns {
		rows = append(rows, c.Name)
	}
	rows = []string{strings.Join(rows, "|")}
	for _, r := range p.Rows {
		rows = append(rows, string(r))
	}
	return rows
}

func TestTablesTogether(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	a := s.store(t, "runs/1/a", `{"columns":["id","x"],"data":[[1,"a"],[2,NaN],[2,"b"]]}`)
	b := s.store(t, "runs/1/b", `{"columns":["y","id"],"data":[[true,2],[null,"3"],[1]]}`)
	for name, c := range map[string]struct {
		parts []TablePart
		join  []string
		want  []string
	}{
		"under each other": {[]TablePart{{Source: a}, {Source: b}}, nil, []string{"id|x|y", `[1,"a",null]`, `[2,"NaN",null]`, `[2,"b",null]`, `[2,null,true]`, `["3",null,null]`, `[null,null,1]`}},
		"with their runs":  {[]TablePart{{a, "r1"}, {b, `r "2"`}}, nil, []string{"run|id|x|y", `["r1",1,"a",null]`, `["r1",2,"NaN",null]`, `["r1",2,"b",null]`, `["r \"2\"",2,null,true]`, `["r \"2\"","3",null,null]`, `["r \"2\"",null,null,1]`}},
		"joined":           {[]TablePart{{a, "r1"}, {b, "r2"}}, []string{"id", "id"}, []string{"id|r1: x|r2: y", `[1,"a",null]`, `[2,"NaN",true]`, `[2,"b",true]`, `["3",null,null]`, `[null,null,1]`}},
		"of one label":     {[]TablePart{{a, ""}, {b, ""}}, []string{"x", "y"}, []string{"x|id|id", `["a",1,null]`, `["NaN",2,null]`, `["b",2,null]`, `[true,null,2]`, `[null,null,"3"]`, `[1,null,null]`}},
	} {
		p, err := s.q.MediaTable(ctx, TableRequest{Parts: c.parts, Join: c.join})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, rowsOf(p)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	p, err := s.q.MediaTable(ctx, TableRequest{Parts: []TablePart{{a, "r1"}, {b, "r2"}}, Sort: []TableOrder{{Column: "run", Desc: true}}, Where: []TableTest{{Column: "id", Op: "=", Value: []byte("2")}}})
	if err != nil || p.Found != 3 || !strings.HasPrefix(string(p.Rows[0]), `["r2"`) {
		t.Errorf("sorted and filtered: %v, %v", p, err)
	}
	many := s.store(t, "runs/1/many", `{"columns":["k","v"],"data":[`+strings.Repeat(`[1,2],`, 1500)+`[1,2]]}`)
	for name, tr := range map[string]TableRequest{
		"at most 1000":           {Parts: make([]TablePart, 1001)},
		"one for each is needed": {Parts: []TablePart{{a, ""}, {b, ""}}, Join: []string{"id"}},
		`no column "nope"`:       {Parts: []TablePart{{a, ""}, {b, ""}}, Join: []string{"id", "nope"}},
		"since keys repeat":      {Parts: []TablePart{{many, ""}, {many, ""}}, Join: []string{"k", "k"}},
		"look at fewer of them":  {Parts: []TablePart{{Source: TableSource{Object: "x", Bytes: 200 << 20}}, {Source: TableSource{Object: "y", Bytes: 200 << 20}}}},
	} {
		if _, err := s.q.MediaTable(ctx, tr); !ballast.Is(err, ballast.Invalid) && !ballast.Is(err, ballast.TooLarge) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTableLink(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	for text, want := range map[string]TableLink{
		`{"table1":"a.table.json","table2":"b.table.json","join_key":"id"}`:       {Table1: "a.table.json", Table2: "b.table.json", JoinKeys: [2]string{"id", "id"}},
		`{"table1":"a","table2":"b","join_key":["x","y"],"_type":"joined-table"}`: {Table1: "a", Table2: "b", JoinKeys: [2]string{"x", "y"}},
		`{"parts_path":"parts","_type":"partitioned-table"}`:                      {Folder: "parts"},
	} {
		got, err := s.q.TableLink(ctx, s.store(t, "runs/1/l", text))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", text, err, diff)
		}
	}
	for _, text := range []string{`{"table1":"a","table2":"b"}`, `[]`, `{`, `{"table1":"a","table2":"b","join_key":["x"]}`} {
		if _, err := s.q.TableLink(ctx, s.store(t, "runs/1/l", text)); !ballast.Is(err, ballast.Invalid) || !strings.Contains(err.Error(), "not as the SDK writes it") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
