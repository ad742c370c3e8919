package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
)

// oddRuns makes runs whose values are hard to write: signs, quotes, special
// numbers, several types in one column, nothing at all.
func (st *stage) oddRuns() {
	st.t.Helper()
	err := st.DB.Write(st.t.Context(), "make runs", func(tx *meta.Tx) error {
		for i, r := range []struct{ display, config, summary string }{
			{`=SUM("a,b")`, `{"lr":{"value":0.5},"mixed":{"value":1},"on":{"value":true}}`, `{"loss":NaN}`},
			{"two\nlines", `{"lr":{"value":-2},"mixed":{"value":"x"}}`, `{"loss":-Infinity}`},
			{"last", `{"mixed":{"value":{"a":[1]}},"on":{"value":false}}`, `{"loss":3}`},
		} {
			run, err := tx.CreateRun(ballast.Run{ProjectID: st.Project.ID, Name: fmt.Sprint("odd", i), Display: r.display, Tags: []string{"odd", "t" + fmt.Sprint(i)}, Created: time.Now(), Config: []byte(r.config)})
			if err != nil {
				return err
			}
			if err := tx.SetSummary(run.ID, []byte(r.summary)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		st.t.Fatal(err)
	}
}

const exportOdd = `{"project":"red/secret","q":"tag:odd","order":["+name"],"columns":["tags","config.lr","config.on","config.mixed","summary_metrics.loss","config.none"],"format":%q}`

func TestRunsAsCSV(t *testing.T) {
	st := newStage(t)
	st.oddRuns()
	r := st.do("viewer", "POST", "/api/runs/export", strings.NewReader(fmt.Sprintf(exportOdd, "csv")))
	want := "name,display_name,tags,config.lr,config.on,config.mixed,summary_metrics.loss,config.none\r\n" +
		"odd0,\"'=SUM(\"\"a,b\"\")\",odd t0,0.5,true,1,NaN,\r\n" +
		"odd1,\"two\nlines\",odd t1,-2,,x,-Infinity,\r\n" +
		"odd2,last,odd t2,,false,\"{\"\"a\"\":[1]}\",3,\r\n"
	if diff := cmp.Diff(want, r.body); diff != "" || r.status != 200 {
		t.Errorf("%d (-want +got): %s", r.status, diff)
	}
	if d := r.header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment;") || !strings.Contains(d, "secret-runs.csv") {
		t.Errorf("disposition %q", d)
	}
}

func TestRunsAsParquet(t *testing.T) {
	st := newStage(t)
	st.oddRuns()
	r := st.do("viewer", "POST", "/api/runs/export", strings.NewReader(fmt.Sprintf(exportOdd, "parquet")))
	if r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	f, err := parquet.OpenFile(strings.NewReader(r.body), int64(len(r.body)))
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, c := range f.Root().Columns() {
		types = append(types, c.Name()+" "+c.Type().String())
	}
	want := []string{"name STRING", "display_name STRING", "tags JSON", "config.lr DOUBLE", "config.on BOOLEAN", "config.mixed JSON", "summary_metrics.loss DOUBLE", "config.none STRING"}
	if diff := cmp.Diff(want, types); diff != "" {
		t.Errorf("columns (-want +got): %s", diff)
	}
	rows := make([]parquet.Row, 4)
	group := f.RowGroups()[0].Rows()
	defer group.Close()
	n, _ := group.ReadRows(rows)
	var got []string
	for _, row := range rows[:n] {
		var cells []string
		for _, v := range row {
			cells = append(cells, v.String())
		}
		got = append(got, strings.Join(cells, " | "))
	}
	if diff := cmp.Diff([]string{
		`odd0 | =SUM("a,b") | ["odd","t0"] | 0.5 | true | 1 | NaN | <null>`,
		"odd1 | two\nlines | [\"odd\",\"t1\"] | -2 | <null> | \"x\" | -Inf | <null>",
		`odd2 | last | ["odd","t2"] | <null> | false | {"a":[1]} | 3 | <null>`,
	}, got); diff != "" {
		t.Errorf("rows (-want +got): %s", diff)
	}
}

func TestBadExports(t *testing.T) {
	st := newStage(t)
	for body, status := range map[string]int{
		`{"project":"red/secret","format":"xls"}`:                        400,
		`{"project":"red/secret","format":"csv","q":"state:("}`:          400,
		`{"project":"red/secret","format":"csv","columns":["nonsense"]}`: 400,
		`{"project":"red/none","format":"csv"}`:                          404,
	} {
		if r := st.do("viewer", "POST", "/api/runs/export", strings.NewReader(body)); r.status != status || r.text() == "" {
			t.Errorf("%s: %d %s, want %d", body, r.status, r.body, status)
		}
	}
	if r := st.do("stranger", "POST", "/api/runs/export", strings.NewReader(`{"project":"red/secret","format":"csv"}`)); r.status != 404 {
		t.Errorf("a stranger: %d %s", r.status, r.body)
	}
}
