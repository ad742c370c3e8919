package graph

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// TestNewerClient: a client that knows more than the server finds out by
// GraphQL's own errors, whose texts it compares; nothing of what it asks to
// change is left out in silence.
func TestNewerClient(t *testing.T) {
	g := bare(t)
	for _, c := range []struct{ name, query, variables, want string }{
		{"field", `{project(name:"p"){hologram}}`, `{}`, `Cannot query field "hologram" on type "Project".`},
		{"root", `{hologram}`, `{}`, `Cannot query field "hologram" on type "Query".`},
		{"mutation", `mutation{makeHologram(input:{}){x}}`, `{}`, `Cannot query field "makeHologram" on type "Mutation".`},
		{"type", `{project(name:"p"){... on Hologram{id}}}`, `{}`, `Unknown type "Hologram".`},
		{"argument", `{project(name:"p",depth:3){id}}`, `{}`, `Unknown argument "depth" on field "Query.project".`},
		{"argument of a mutation", `mutation{stopRun(input:{id:"x"},force:true){success}}`, `{}`, `Unknown argument "force" on field "Mutation.stopRun".`},
		{"member of an input", `mutation{stopRun(input:{id:"x",force:true}){success}}`, `{}`, `Field "force" is not defined by type "StopRunInput".`},
		{"member of an input in variables", `mutation($i:StopRunInput!){stopRun(input:$i){success}}`, `{"i":{"id":"x","force":true}}`, `unknown field`},
		{"variable of an unknown type", `mutation($i:HologramInput!){stopRun(input:$i){success}}`, `{}`, `HologramInput`},
	} {
		body := `{"query":` + quoted(c.query) + `,"variables":` + c.variables + `,"operationName":""}`
		got := g.Do(t.Context(), Call{Body: []byte(body)})
		if got.Failed || !strings.Contains(string(got.Body), strings.ReplaceAll(c.want, `"`, `\"`)) || strings.Contains(string(got.Body), `"data":{`) {
			t.Errorf("%s: failed %v: %s, want %s", c.name, got.Failed, got.Body, c.want)
		}
	}
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }

// TestUnasked: what clients select without being asked to is null and counted.
func TestUnasked(t *testing.T) {
	s := newStage(t)
	fields := map[string]bool{}
	for name, def := range engineSchema().Types {
		for _, f := range def.Fields {
			d := f.Directives.ForName("unasked")
			if d == nil {
				continue
			}
			fields[name+"."+f.Name] = true
			if f.Type.NonNull || d.Arguments.ForName("client").Value.Raw == "" || d.Arguments.ForName("reason").Value.Raw == "" {
				t.Errorf("%s.%s: it must be nullable, and say which client selects it and why", name, f.Name)
			}
		}
	}
	if !fields["Organization.coreWeaveOrganizationId"] {
		t.Fatalf("fields: %v", fields)
	}
	a := s.must("orgadmin", s.sdk("OrganizationCoreWeaveOrganizationID"), map[string]any{"entityName": "red"})
	if id, org := a.at("entity.organization.coreWeaveOrganizationId"), a.at("entity.organization"); id != nil || org == nil {
		t.Errorf("%s", a.Body)
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(s.g.Collectors()...)
	counted, err := reg.Gather()
	if err != nil || len(counted) != 1 || counted[0].Metric[0].GetCounter().GetValue() != 1 {
		t.Errorf("counted %v, %v; want 1", counted, err)
	}
}

// TestUnbuilt: a subject that is not built finds nothing and refuses by name.
func TestUnbuilt(t *testing.T) {
	s := newStage(t)
	s.run("r1")
	a := s.must("member", `{project(entityName:"red",name:"secret"){
		sweep(sweepName:"s"){id} sweeps(filters:"{}"){edges{node{id}} pageInfo{hasNextPage}} totalSweeps
		runQueue(name:"q"){id} runQueues{id} triggers{id} allViews(viewType:"runs"){edges{node{id}}} members{id} teamMembers{role{name}}}}`, nil)
	const want = `{"data":{"project":{"sweep":null,"sweeps":{"edges":[],"pageInfo":{"hasNextPage":false}},"totalSweeps":0,"runQueue":null,"runQueues":[],"triggers":[],"allViews":{"edges":[]},"members":[],"teamMembers":[]}}}`
	if string(a.Body) != want {
		t.Errorf("%s", a.Body)
	}
	b := s.do("member", `mutation{upsertSweep(input:{projectName:"secret",entityName:"red"}){sweep{id}}}`, nil)
	if b.Failed || !strings.Contains(string(b.Body), "sweeps are not available on this server") || !strings.Contains(string(b.Body), `"code":"UNSUPPORTED"`) {
		t.Errorf("failed %v: %s", b.Failed, b.Body)
	}
}

// TestUnserved: what an input says and the server cannot do is refused by
// name; null and false are no wish.
func TestUnserved(t *testing.T) {
	s := newStage(t)
	const inText = `mutation{upsertModel(input:{entityName:"red",name:"p",dockerImage:"x"}){model{id}}}`
	const inVariables = `mutation($i:UpsertModelInput!){upsertModel(input:$i){model{id}}}`
	for _, a := range []answer{
		s.do("member", inText, nil),
		s.do("member", inVariables, map[string]any{"i": map[string]any{"entityName": "red", "name": "p", "dockerImage": "x"}}),
		s.do("member", `mutation($d:String){upsertModel(input:{entityName:"red",name:"p",dockerImage:$d}){model{id}}}`, map[string]any{"d": "x"}),
	} {
		if !strings.Contains(string(a.Body), "dockerImage of UpsertModelInput is not available") || !strings.Contains(string(a.Body), `"upsertModel":null`) {
			t.Errorf("%s", a.Body)
		}
	}
	s.must("member", inVariables, map[string]any{"i": map[string]any{"entityName": "red", "name": "p", "dockerImage": nil, "isBenchmark": false}})
}
