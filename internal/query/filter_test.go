package query

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// fleet is the runs that filters are tried on, named a to f.
func fleet() ([]*ballast.Run, []string) {
	day := func(n int) time.Time { return noon.AddDate(0, 0, n) }
	run := func(name string, state ballast.State, created int, tags ...string) *ballast.Run {
		return &ballast.Run{Name: name, Display: "run " + name, Tags: tags, Created: day(created), Updated: day(created), User: "ada",
			Config: []byte("{}"), Live: ballast.Live{State: state, Heartbeat: day(created).Add(time.Hour)}}
	}
	runs := []*ballast.Run{
		run("a", ballast.Finished, -9, "paper", "gpu"), run("b", ballast.Running, -5), run("c", ballast.Failed, -3, "paper"),
		run("d", ballast.Crashed, -2, "wip"), run("e", ballast.Finished, -1), run("f", ballast.Running, 0, "gpu"),
	}
	runs[0].Config = []byte(`{"lr":{"value":0.1,"desc":null},"opt":{"value":{"name":"adam","beta":[0.9,0.999]}},"flag":{"value":true},"_wandb":{"value":{"t":{"1":[1]}}}}`)
	runs[1].Config = []byte(`{"lr":{"value":1e-3},"a.b":{"value":7},"opt":{"value":{"name":"sgd"}},"flag":{"value":false},"layers":{"value":[1,2,3]}}`)
	runs[2].Config = []byte(`{"lr":{"value":"0.1"},"nothing":{"value":null},"a":{"value":{"b":7}}}`)
	runs[3].Config = []byte(`{"lr":{"value":NaN},"value":{"value":{"value":5}}}`)
	runs[1].User, runs[3].User = "ci-bot", "ci-bot"
	runs[2].Group, runs[2].JobType, runs[2].Notes, runs[4].Group = "g1", "eval", "a note", "g2"
	runs[4].Display = "Swift Sunset (7)"
	runs[0].Live.Rows = 100
	summaries := []string{
		`{"loss":0.5,"val":{"acc":0.9},"_step":99,"_runtime":50,"_wandb":{"runtime":40},"name":"x"}`,
		`{"loss":2,"val":{"acc":{"min":0.1}},"_step":10,"_runtime":7200}`,
		`{"loss":NaN}`, `{"loss":"Infinity"}`, `{}`, ``,
	}
	for i, r := range runs {
		r.ID, r.Ordinal = int64(i+1), int64(i)
	}
	return runs, summaries
}

// fleetTable is the fleet as a table with the fields.
func fleetTable(fields []field) *runTable {
	t := &runTable{}
	t.reset(append(append([]field{}, baseFields...), withDuration(fields)...))
	runs, summaries := fleet()
	ex := newExtractor(t.fields)
	for i, r := range runs {
		t.put(r, []byte(summaries[i]), ex)
	}
	return t
}

// names returns the names of the runs that a question finds, in order.
func names(t *testing.T, rq RunQuery) (string, error) {
	t.Helper()
	rq.First = 100
	ask, err := rq.parse(noon)
	if err != nil {
		return "", err
	}
	table := fleetTable(ask.fields)
	sel := table.pick(ask.filter, ask.keys, ask.after, ask.offset, ask.first)
	var b strings.Builder
	for _, r := range sel.rows {
		b.WriteString(table.rows[r].name)
	}
	if sel.total != len(sel.rows) {
		t.Errorf("total is %d of %d rows", sel.total, len(sel.rows))
	}
	return b.String(), nil
}

func TestMongoFilters(t *testing.T) {
	for _, c := range []struct{ filter, want string }{
		{``, "abcdef"}, {`null`, "abcdef"}, {`{}`, "abcdef"}, {`"{\"name\":\"a\"}"`, "a"},
		// fields of the run and their other names
		{`{"name":"a"}`, "a"}, {`{"ID":"b"}`, "b"}, {`{"display_name":"run c"}`, "c"}, {`{"displayName":"run c"}`, "c"}, {`{"Name":"run c"}`, "c"},
		{`{"state":"running"}`, "bf"}, {`{"State":"failed"}`, "c"}, {`{"group":"g1"}`, "c"}, {`{"jobType":"eval"}`, "c"}, {`{"job_type":"eval"}`, "c"},
		{`{"username":"ci-bot"}`, "bd"}, {`{"user":"ci-bot"}`, "bd"}, {`{"user.username":"ci-bot"}`, "bd"}, {`{"notes":{"$contains":"note"}}`, "c"}, {`{"description":"a note"}`, "c"},
		{`{"historyLineCount":100}`, "a"}, {`{"steps":{"$gte":100}}`, "a"},
		// a text that is not set is null
		{`{"group":null}`, "abdf"}, {`{"group":""}`, "abdf"}, {`{"group":{"$exists":true}}`, "ce"}, {`{"group":{"$exists":false}}`, "abdf"},
		{`{"group":{"$ne":null}}`, "ce"}, {`{"group":{"$ne":"g1"}}`, "abdef"}, {`{"group":{"$in":[null,"g1"]}}`, "abcdf"}, {`{"group":{"$nin":["g1"]}}`, "abdef"},
		// config with and without value, nested, with dots
		{`{"config.lr":0.1}`, "a"}, {`{"config.lr.value":0.1}`, "a"}, {`{"config.lr.value":"0.1"}`, "c"}, {`{"config.opt.name":"adam"}`, "a"}, {`{"config.opt.value.name":"adam"}`, "a"},
		{`{"config.a.b":7}`, "bc"}, {`{"config.a\\.b":7}`, "b"}, {`{"config.value":{"value":5}}`, "d"}, {`{"config.value.value.value":5}`, "d"}, {`{"config.value.value":{"value":5}}`, "d"},
		{`{"config.flag":true}`, "a"}, {`{"config.flag":{"$ne":true}}`, "bcdef"}, {`{"config.flag":false}`, "b"}, {`{"config.flag":{"$exists":true}}`, "ab"},
		{`{"config.nothing":null}`, "abcdef"}, {`{"config.nothing":{"$exists":true}}`, "c"}, {`{"config.lr":null}`, "ef"}, {`{"config.lr":NaN}`, "d"},
		{`{"config.opt":{"name":"sgd"}}`, "b"}, {`{"config.opt.beta.1":0.999}`, "a"}, {`{"config._wandb.t":{"$exists":true}}`, "a"},
		// comparisons: of one kind only, missing never
		{`{"config.lr":{"$gt":0.001}}`, "a"}, {`{"config.lr":{"$gte":0.001}}`, "ab"}, {`{"config.lr":{"$lt":0.1}}`, "b"}, {`{"config.lr":{"$lte":0.1}}`, "ab"}, {`{"config.lr":{"$gt":""}}`, "c"},
		{`{"config.lr":{"$gt":0,"$lt":0.05}}`, "b"}, {`{"config.layers":{"$gt":2}}`, "b"}, {`{"config.lr":{"$ne":0.1}}`, "bcdef"}, {`{"config.lr":{"$nin":[0.1,"0.1"]}}`, "bdef"},
		// summary
		{`{"summary_metrics.loss":{"$lt":1}}`, "a"}, {`{"summaryMetrics.loss":{"$lt":1}}`, "a"}, {`{"summary_metrics.val.acc":0.9}`, "a"}, {`{"summary_metrics.val.acc.min":0.1}`, "b"},
		{`{"summary_metrics.loss":{"$gt":1}}`, "bd"}, {`{"summary_metrics.loss":{"$exists":true}}`, "abcd"}, {`{"keys_info.keys.loss":{"$exists":true}}`, "abcd"}, {`{"_step":{"$gt":50}}`, "a"},
		// tags
		{`{"tags":"paper"}`, "ac"}, {`{"tags":{"$in":["paper","wip"]}}`, "acd"}, {`{"tags":{"$nin":["paper","wip"]}}`, "bef"}, {`{"tags":{"$ne":"paper"}}`, "bdef"}, {`{"tags":null}`, "be"},
		{`{"$or":[{"tags":null},{"tags":{"$ne":"paper"}}]}`, "bdef"}, {`{"tags":{"$all":["paper","gpu"]}}`, "a"}, {`{"tags":{"$size":2}}`, "a"}, {`{"tags":["paper","gpu"]}`, "a"},
		{`{"tags":{"$regex":"^pa"}}`, "ac"}, {`{"tags":{"$contains":"gpu"}}`, "af"}, {`{"tags":{"$exists":false}}`, "be"}, {`{"tags.paper":true}`, "ac"}, {`{"tags.paper":false}`, "bdef"}, {`{"tags.paper":{"$ne":true}}`, "bdef"},
		// times
		{`{"created_at":{"$gte":"2026-02-27"}}`, "def"}, {`{"createdAt":{"$gt":"2026-02-27T12:00:00Z"}}`, "ef"}, {`{"createdAt":{"$gte":"2026-02-27T13:00:00+01:00"}}`, "def"}, {`{"createdAt":"2026-02-27T12:00:00"}`, "d"},
		{`{"createdAt":{"$gt":1772300000}}`, "f"}, {`{"createdAt":{"$gt":1772300000000}}`, "f"}, {`{"createdAt":{"$in":["2026-02-27T12:00:00Z"]}}`, "d"}, {`{"heartbeatAt":{"$lt":"2026-02-21"}}`, "a"}, {`{"updatedAt":{"$lt":"2026-02-21"}}`, "a"},
		{`{"created_at":{"$gte":{"$date":"2026-02-27T00:00:00Z"}}}`, "def"},
		// duration: what the client counted before what the server saw
		{`{"duration":40}`, "a"}, {`{"duration":7200}`, "b"}, {`{"duration":{"$gte":3600}}`, "bcdef"}, {`{"Runtime":{"$lt":100}}`, "a"},
		// patterns
		{`{"display_name":{"$regex":"n (a|b)$"}}`, "ab"}, {`{"display_name":{"$regex":"SWIFT","$options":"i"}}`, "e"}, {`{"display_name":{"$not":{"$regex":"^run"}}}`, "e"}, {`{"display_name":{"$not":"^run"}}`, "e"}, {`{"state":{"$regex":"^(failed|crashed)$"}}`, "cd"},
		// logic
		{`{"$and":[{"state":"finished"},{"tags":"gpu"}]}`, "a"}, {`{"state":"finished","tags":"gpu"}`, "a"}, {`{"$or":[{"name":"a"},{"name":"f"}]}`, "af"}, {`{"$nor":[{"name":"a"},{"state":"running"}]}`, "cde"},
		{`{"$not":{"name":"a"}}`, "bcdef"}, {`{"name":{"$not":{"$in":["a","b"]}}}`, "cdef"}, {`{"$and":[]}`, "abcdef"}, {`{"$or":[{"$and":[]}]}`, "abcdef"}, {`{"$or":[]}`, ""}, {`{"$and":[null,{"name":"a"}]}`, "a"},
		{`{"name":{"$in":[]}}`, ""}, {`{"$or":[{"$and":[{"state":{"$eq":"running"}},{"config.lr":{"$lt":1}}]},{"name":"e"}]}`, "be"},
		// no run here used an artifact; test_artifact_api.py has some that did
		{`{"inputArtifacts":"x"}`, ""}, {`{"sweep":null}`, "abcdef"},
	} {
		got, err := names(t, RunQuery{Filter: []byte(c.filter)})
		if err != nil || got != c.want {
			t.Errorf("%s: got %q (%v), want %q", c.filter, got, err, c.want)
		}
	}
}

func TestScreenFilters(t *testing.T) {
	leaf := func(section, name, op, value string) string {
		return fmt.Sprintf(`{"key":{"section":%q,"name":%q},"op":%q,"value":%s,"disabled":false}`, section, name, op, value)
	}
	for _, c := range []struct{ filter, want string }{
		{`{"op":"OR","filters":[]}`, "abcdef"}, {`{"op":"OR","filters":[{"op":"AND","filters":[]}]}`, "abcdef"},
		{`{"op":"OR","filters":[{"op":"AND","filters":[` + leaf("run", "state", "=", `"running"`) + `,` + leaf("tags", "gpu", "=", "true") + `]}]}`, "f"},
		{`{"op":"OR","filters":[` + leaf("run", "name", "=", `"a"`) + `,` + leaf("config", "lr", "<", "0.01") + `]}`, "ab"},
		{leaf("summary", "loss", ">=", "2"), "bd"}, {leaf("keys_info", "loss", "EXISTS", "true"), "abcd"}, {leaf("run", "createdAt", "WITHINSECONDS", "172800"), "def"},
		{leaf("run", "state", "IN", `["failed","crashed"]`), "cd"}, {leaf("run", "state", "NIN", `["failed","crashed"]`), "abef"}, {leaf("config", "lr.value", "==", "0.1"), "a"},
		{leaf("tags", "paper", "=", "false"), "bdef"}, {leaf("tags", "-", "IN", `["paper","wip"]`), "acd"}, {leaf("run", "group", "!=", "null"), "ce"},
		{`{"op":"OR","filters":[{"op":"AND","filters":[{"key":{"section":"run","name":"state"},"op":"=","value":"running","disabled":true}]}]}`, "abcdef"},
		{`{"op":"OR","filters":[{"key":{"section":"run","name":"state"},"op":"=","value":"running","disabled":true},` + leaf("run", "name", "=", `"a"`) + `]}`, "a"},
		{leaf("config", "lr", "<", "null"), "abcdef"}, {leaf("config", "", "=", "1"), "abcdef"},
	} {
		got, err := names(t, RunQuery{Filter: []byte(c.filter)})
		if err != nil || got != c.want {
			t.Errorf("%s: got %q (%v), want %q", c.filter, got, err, c.want)
		}
	}
}

func TestTextQueries(t *testing.T) {
	for _, c := range []struct{ query, want string }{
		{``, "abcdef"}, {`  `, "abcdef"}, {`swift`, "e"}, {`"Sunset (7)"`, "e"}, {`swift sunset`, "e"}, {`run a`, "a"}, {`"run a" or swift`, "ae"},
		{`state:running`, "bf"}, {`State:RUNNING`, "bf"}, {`state:run`, ""}, {`tag:paper`, "ac"}, {`user:ci-bot`, "bd"}, {`not user:ci-bot`, "acef"}, {`-user:ci-bot`, "acef"}, {`display:SWIFT`, "e"},
		{`state:running and config.lr < 1 and (tag:paper or not user:nobody)`, "b"}, {`state:finished tag:gpu`, "a"}, {`state:finished or state:running tag:gpu`, "aef"},
		{`config.lr > 1e-3`, "a"}, {`config.lr>=1e-3`, "ab"}, {`config.lr = "0.1"`, "c"}, {`config.lr != 0.1`, "bcdef"}, {`summary.loss<=0.5`, "a"}, {`config.flag=true`, "a"}, {`group = null`, "abdf"},
		{`state in [failed, crashed]`, "cd"}, {`state in (failed crashed)`, "cd"}, {`config.lr in [0.1, 0.001]`, "ab"}, {`display ~ "^run [ab]$"`, "ab"}, {`display~^run`, "abcdf"}, {`display !~ ^run`, "e"},
		{`created within 2d`, "def"}, {`created within 36h`, "ef"}, {`config.lr exists`, "abcd"}, {`not config.lr exists`, "ef"}, {`group:g1`, "c"}, {`notes:NOTE`, "c"}, {`name = f`, "f"}, {`created > 2026-02-27`, "def"},
		{`steps:100`, "a"}, {`((a))`, "a"}, {`android`, ""}, {`in`, ""}, {`run not swift`, "abcdf"},
	} {
		got, err := names(t, RunQuery{Text: c.query})
		if err != nil || got != c.want {
			t.Errorf("%q: got %q (%v), want %q", c.query, got, err, c.want)
		}
		doc, err := mongoOf(c.query)
		if err != nil {
			t.Errorf("%q: %v", c.query, err)
		} else if again, err := names(t, RunQuery{Filter: doc}); err != nil || again != got {
			t.Errorf("%q as %s: got %q (%v), want %q", c.query, doc, again, err, got)
		}
	}
}

// mongoOf is a text as the Mongo-style document that it stands for.
func mongoOf(text string) ([]byte, error) {
	v, err := parseText(text, noon, nil)
	return v.appendJSON(nil, false), err
}

func TestMongoOf(t *testing.T) {
	got, err := mongoOf(`state:running and config.lr > 1e-3 and (tag:paper or not user:ci-bot)`)
	want := `{"$and":[{"state":{"$regex":"(?i)^running$"}},{"config.lr":{"$gt":0.001}},{"$or":[{"tag":{"$regex":"(?i)^paper$"}},{"$nor":[{"user":{"$regex":"(?i)^ci-bot$"}}]}]}]}`
	if diff := cmp.Diff(want, string(got)); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func TestBadFilters(t *testing.T) {
	for _, c := range []struct{ filter, says string }{
		{`{`, "not JSON"}, {`[]`, "an object"}, {`3`, "an object"}, {`{"$foo":1}`, `"$foo"`}, {`{"name":{"$foo":1}}`, `"$foo" of field "name"`}, {`{"stat":"x"}`, `"state" is the nearest`},
		{`{"$and":3}`, "$and needs a list"}, {`{"$and":[3]}`, "an object"}, {`{"name":{"$in":"a"}}`, `$in of field "name" needs a list`}, {`{"name":{"$regex":"("}}`, `$regex of field "name"`}, {`{"name":{"$regex":3}}`, "needs a text"},
		{`{"created_at":{"$gt":"yesterday"}}`, `field "created_at" needs a time`}, {`{"config.lr":{"$gt":null}}`, `$gt of field "config.lr"`}, {`{"config.lr":{"$gt":[1]}}`, "needs a number"}, {`{"tags":{"$size":-1}}`, "whole number"},
		{`{"config.lr":{"$exists":"yes"}}`, "true or false"}, {`{"name":{"$regex":"` + strings.Repeat("a", 2000) + `"}}`, "at most 1000"}, {`{"name":{"$regex":"a","$options":"x"}}`, "$options"}, {`{"config.":1}`, "names no key"},
		{strings.Repeat(`{"$and":[`, 45) + `{}` + strings.Repeat(`]}`, 45), "deeper than 40"}, {`{"$or":[` + strings.Repeat(`{"name":"a"},`, 3000) + `{"name":"a"}]}`, "more than 2000"}, {`{"name":"` + strings.Repeat("x", 2<<20) + `"}`, "bytes"},
		{`{"name":{"$not":3}}`, "$not"}, {`{"config.lr":{"$eq":{"$gt":1}}}`, "needs a value"}, {`{"op":"XOR","filters":[]}`, `"XOR"`}, {`{"op":"~~","key":{"section":"run","name":"state"},"value":1}`, `"~~"`}, {`{"op":"=","key":{"section":"nowhere","name":"x"},"value":1}`, `"nowhere"`},
		{`{"op":"WITHINSECONDS","key":{"section":"config","name":"x"},"value":1}`, "WITHINSECONDS"}, {`{"tags.x":{"$gt":true}}`, `"tags.x"`},
	} {
		_, err := names(t, RunQuery{Filter: []byte(c.filter)})
		if !ballast.Is(err, ballast.Invalid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.60s: got %v, want Invalid that says %q", c.filter, err, c.says)
		}
	}
	for _, c := range []struct{ query, says string }{
		{`state:`, "value is missing"}, {`(a`, "a ) is missing"}, {`a)`, "( before"}, {`stat:x`, "state"}, {`"a`, "does not end"}, {`state in [a`, "] is missing"}, {`created within soon`, "span of time"},
		{`name within 7d`, "not a time"}, {`a and`, "missing"}, {`not`, "missing"}, {`display ~ "("`, "$regex"}, {strings.Repeat("(", 100), "levels"}, {`> 3`, "missing"},
	} {
		_, err := names(t, RunQuery{Text: c.query})
		if !ballast.Is(err, ballast.Invalid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: got %v, want Invalid that says %q", c.query, err, c.says)
		}
	}
}

func TestOrder(t *testing.T) {
	for _, c := range []struct{ order, want string }{
		{"", "abcdef"}, {"+created_at", "abcdef"}, {"-created_at", "fedcba"}, {"created_at", "abcdef"}, {"-createdAt", "fedcba"},
		{"+summary_metrics.loss", "abdcef"}, {"-summary_metrics.loss", "dbacef"}, {"+config.lr.value", "bacdef"}, {"-config.lr", "cabdef"},
		{"+name", "abcdef"}, {"-name", "fedcba"}, {"+state,-name", "dceafb"}, {"+group", "ceabdf"}, {"-heartbeat_at", "fedcba"}, {"+duration", "acdefb"}, {"-duration", "bcdefa"}, {"+tags", "facdbe"},
	} {
		got, err := names(t, RunQuery{Order: []string{c.order}})
		if err != nil || got != c.want {
			t.Errorf("%s: got %q (%v), want %q", c.order, got, err, c.want)
		}
	}
	for _, bad := range []string{"+nowhere", "config.", "name,name,name,name,name,name,name,name,name"} {
		if _, err := names(t, RunQuery{Order: []string{bad}}); !ballast.Is(err, ballast.Invalid) {
			t.Errorf("%s: got %v, want Invalid", bad, err)
		}
	}
}

// Cursors walk every order without a repeat or a hole.
func TestCursors(t *testing.T) {
	for _, order := range []string{"+created_at", "-summary_metrics.loss", "+config.lr", "+group", "-state,+duration", "+config.opt", "-tags"} {
		whole, err := names(t, RunQuery{Order: []string{order}})
		if err != nil {
			t.Fatal(err)
		}
		var got, after string
		for range 10 {
			rq := RunQuery{Order: []string{order}, After: after, First: 1}
			ask, err := rq.parse(noon)
			if err != nil {
				t.Fatal(err)
			}
			table := fleetTable(ask.fields)
			sel := table.pick(ask.filter, ask.keys, ask.after, ask.offset, ask.first)
			if len(sel.rows) == 0 {
				break
			}
			got += table.rows[sel.rows[0]].name
			after = sel.places[0].cursor(ask.keys)
		}
		if got != whole {
			t.Errorf("%s: pages give %q, the whole is %q", order, got, whole)
		}
		for _, other := range []RunQuery{{Order: []string{"+name"}, After: after}, {Order: []string{order}, After: after[1:]}, {After: "???"}} {
			if _, err := other.parse(noon); !ballast.Is(err, ballast.Invalid) {
				t.Errorf("a cursor of %s was taken by %v: %v", order, other.Order, err)
			}
		}
	}
}

func FuzzFilter(f *testing.F) {
	f.Add(`{"$or":[{"tags":null},{"config.lr":{"$gt":0.1,"$not":{"$in":[1,null]}}}]}`, `state:running and (tag:x or not name ~ "y")`, "-config.lr")
	f.Add(`{"op":"OR","filters":[{"key":{"section":"run","name":"state"},"op":"=","value":"x"}]}`, `created within 7d in [a, "b"]`, "name")
	f.Fuzz(func(t *testing.T, doc, text, order string) {
		rq := RunQuery{Filter: []byte(doc), Text: text, Order: []string{order}, First: 10}
		ask, err := rq.parse(noon)
		if err != nil {
			if !ballast.Is(err, ballast.Invalid) {
				t.Fatalf("%q %q: %v is not Invalid", doc, text, err)
			}
			return
		}
		fleetTable(ask.fields).pick(ask.filter, ask.keys, nil, 0, 10)
	})
}

func FuzzCursor(f *testing.F) {
	keys, err := parseOrder([]string{"-summary_metrics.loss,name"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(place{values: []value{numberValue(1.5), textValue("é")}, ordinal: 7}.cursor(keys))
	f.Add("bnVsbA")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parseCursor(s, keys)
		if err != nil {
			if !ballast.Is(err, ballast.Invalid) {
				t.Fatalf("%q: %v is not Invalid", s, err)
			}
			return
		}
		again, err := parseCursor(p.cursor(keys), keys)
		if err != nil || comparePlace(p, again, keys) != 0 {
			t.Fatalf("%q does not survive a round trip: %v", s, err)
		}
	})
}
