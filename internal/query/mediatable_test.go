package query

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/google/go-cmp/cmp"
)

// store puts a table's file into the site's bucket.
func (s *site) store(t testing.TB, name, text string) TableSource {
	t.Helper()
	if _, err := s.q.stores[0].Put(context.Background(), name, strings.NewReader(text), int64(len(text))); err != nil {
		t.Fatal(err)
	}
	return TableSource{Object: name, Bytes: int64(len(text))}
}

const smallTable = `{"columns":["id","name",3,"pic","note"],"data":[
	[1,"Ärger \u00fc",0.5,{"_type":"image-file","path":"media/images/a.png","caption":"A cat","sha256":"beef"},null],
	[2,"beta",NaN,{"_type":"image-file","path":"media/images/b.png"},"x, \"y\" ]["],
	[10,"gamma",-Infinity,null,[1,2]],
	[3,"delta"]
],"ncols":5,"nrows":4,"log_mode":"IMMUTABLE"}`

func TestMediaTable(t *testing.T) {
	s := newSite(t)
	src := s.store(t, "runs/1/t", smallTable)
	ask := func(tr TableRequest) *TablePage {
		t.Helper()
		tr.Source = src
		p, err := s.q.MediaTable(context.Background(), tr)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := ask(TableRequest{})
	want := []TableColumn{{"id", "number"}, {"name", "string"}, {"3", "number"}, {"pic", "media:image-file"}, {"note", "list"}}
	if diff := cmp.Diff(want, p.Columns); diff != "" || p.Total != 4 || p.Found != 4 {
		t.Errorf("%d of %d rows, columns: %s", p.Found, p.Total, diff)
	}
	if got := string(p.Rows[0]); !json.Valid(p.Rows[0]) || !strings.Contains(got, `"Ärger ü"`) {
		t.Errorf("row 0: %s", got)
	}
	if got := string(p.Rows[2]); got != `[10,"gamma","-Infinity",null,[1,2]]` {
		t.Errorf("row 2: %s", got)
	}
	if diff := cmp.Diff([]string{"media/images/a.png", "media/images/b.png"}, p.Media); diff != "" {
		t.Errorf("media: %s", diff)
	}
	for _, c := range []struct {
		name string
		tr   TableRequest
		want []uint32
	}{
		{"page", TableRequest{Offset: 1, Limit: 2}, []uint32{1, 2}},
		{"past the end", TableRequest{Offset: 9}, []uint32{}},
		{"by id", TableRequest{Sort: []TableOrder{{"id", false}}}, []uint32{0, 1, 3, 2}},
		{"by id, descending", TableRequest{Sort: []TableOrder{{"id", true}}}, []uint32{2, 3, 1, 0}},
		{"special numbers: NaN and nothing last", TableRequest{Sort: []TableOrder{{"3", true}}}, []uint32{0, 2, 1, 3}},
		{"by two", TableRequest{Sort: []TableOrder{{"note", false}, {"id", true}}}, []uint32{1, 2, 3, 0}},
		{"text in any case, escapes read", TableRequest{Text: "ärger"}, []uint32{0}},
		{"a caption, not a path", TableRequest{Text: "cat"}, []uint32{0}},
		{"no digests", TableRequest{Text: "beef"}, []uint32{}},
		{"more than", TableRequest{Where: []TableTest{{"id", ">", json.RawMessage(`2`)}}}, []uint32{2, 3}},
		{"equal", TableRequest{Where: []TableTest{{"name", "=", json.RawMessage(`"beta"`)}}}, []uint32{1}},
		{"equal to a number as text", TableRequest{Where: []TableTest{{"id", "=", json.RawMessage(`"10"`)}}}, []uint32{2}},
		{"pattern", TableRequest{Where: []TableTest{{"name", "matches", json.RawMessage(`"^.e"`)}}}, []uint32{1, 3}},
		{"nothing", TableRequest{Where: []TableTest{{"note", "null", nil}}}, []uint32{0, 3}},
		{"both", TableRequest{Where: []TableTest{{"note", "not-null", nil}, {"id", "<=", json.RawMessage(`2`)}}}, []uint32{1}},
	} {
		if diff := cmp.Diff(c.want, ask(c.tr).Index); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestBadMediaTable(t *testing.T) {
	s := newSite(t)
	src := s.store(t, "runs/1/t", smallTable)
	n := 0
	file := func(text string) TableSource { n++; return s.store(t, fmt.Sprintf("bad/%d", n), text) }
	for _, c := range []struct {
		tr   TableRequest
		kind ballast.Kind
	}{
		{TableRequest{Source: src, Offset: -1}, ballast.Invalid},
		{TableRequest{Source: src, Limit: MaxTableRows + 1}, ballast.Invalid},
		{TableRequest{Source: src, Sort: []TableOrder{{Column: "none"}}}, ballast.Invalid},
		{TableRequest{Source: src, Sort: make([]TableOrder, 9)}, ballast.Invalid},
		{TableRequest{Source: src, Where: []TableTest{{"id", "~", nil}}}, ballast.Invalid},
		{TableRequest{Source: src, Where: []TableTest{{"id", "matches", json.RawMessage(`"("`)}}}, ballast.Invalid},
		{TableRequest{Source: TableSource{Object: "not/there"}}, ballast.NotFound},
		{TableRequest{Source: TableSource{Store: 7, Object: "x"}}, ballast.Unavailable},
		{TableRequest{Source: TableSource{Object: "big", Bytes: maxTableBytes + 1}}, ballast.TooLarge},
		{TableRequest{Source: file(``)}, ballast.Invalid},
		{TableRequest{Source: file(`[]`)}, ballast.Invalid},
		{TableRequest{Source: file(`{"data":[[1]]}`)}, ballast.Invalid},
		{TableRequest{Source: file(`{"columns":["a"],"data":[1]}`)}, ballast.Invalid},
		{TableRequest{Source: file(`{"columns":["a"],"data":[[1],[`)}, ballast.Invalid},
		{TableRequest{Source: file(`{"columns":["a"],"data":[[1x]]}`)}, ballast.Invalid},
		{TableRequest{Source: file(`{"columns":["a"],"data":[` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `]}`)}, ballast.Invalid},
	} {
		if p, err := s.q.MediaTable(context.Background(), c.tr); !ballast.Is(err, c.kind) {
			t.Errorf("%+v: %v, %v; want %v", c.tr, p, err, c.kind)
		}
	}
}

// TestHugeMediaTable: 200,000 rows, the SDK's most, are read once; pages in
// any order come at once.
func TestHugeMediaTable(t *testing.T) {
	s := newSite(t)
	const rows = 200_000
	var b strings.Builder
	b.WriteString(`{"columns":["id","text","score"],"data":[`)
	for i := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `[%d,"row number %d of many",%g]`, i, i, float64(i*7919%rows)/rows)
	}
	b.WriteString(`]}`)
	src := s.store(t, "runs/1/huge", b.String())
	took := func(tr TableRequest) (*TablePage, time.Duration) {
		t.Helper()
		tr.Source = src
		start := time.Now()
		p, err := s.q.MediaTable(context.Background(), tr)
		if err != nil {
			t.Fatal(err)
		}
		return p, time.Since(start)
	}
	p, first := took(TableRequest{Offset: 199_990, Limit: 100})
	if p.Total != rows || len(p.Rows) != 10 || p.Index[9] != rows-1 {
		t.Fatalf("the last rows: %d of %d, %v", len(p.Rows), p.Total, p.Index)
	}
	p, sorted := took(TableRequest{Sort: []TableOrder{{"score", false}}, Limit: 3})
	if string(p.Rows[0]) != `[0,"row number 0 of many",0]` || p.Found != rows {
		t.Errorf("by score: %s", p.Rows)
	}
	p, again := took(TableRequest{Sort: []TableOrder{{"score", false}}, Offset: 100_000, Limit: 100})
	if len(p.Rows) != 100 || again > sorted {
		t.Errorf("a page of what was sorted before took %v, sorting %v", again, sorted)
	}
	p, found := took(TableRequest{Text: "number 123456 "})
	if p.Found != 1 || p.Index[0] != 123456 {
		t.Errorf("searched: %d found", p.Found)
	}
	t.Logf("%d MB: read %v, sorted %v, a page of it %v, searched %v", b.Len()>>20, first, sorted, again, found)
}

func FuzzMediaTable(f *testing.F) {
	f.Add(smallTable)
	f.Add(`{"columns":[],"data":[]}`)
	f.Add(`{"columns":["a"],"data":[["` + "\xff" + `"],[{}]]}`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := parseMediaTable(text)
		if err != nil {
			if !ballast.Is(err, ballast.Invalid) {
				t.Fatalf("%v", err)
			}
			return
		}
		tr := TableRequest{Limit: 10, Text: "a"}
		if len(m.columns) > 0 {
			tr.Sort = []TableOrder{{Column: m.columns[0].Name}}
		}
		view, err := m.view(context.Background(), tr)
		if err != nil {
			return
		}
		page, err := m.page(view, tr)
		if err != nil {
			return
		}
		for _, row := range page.Rows {
			if !json.Valid(row) {
				t.Fatalf("not JSON: %s", row)
			}
		}
	})
}
