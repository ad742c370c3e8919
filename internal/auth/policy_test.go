package auth

import (
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
)

func TestPolicyTable(t *testing.T) {
	p, err := LoadPolicy()
	if err != nil {
		t.Fatal(err)
	}
	if r, ok := p.Route("GET", "/healthz"); r != Public || !ok {
		t.Errorf("GET /healthz: %q, %v", r, ok)
	}
	if _, ok := p.Route("POST", "/healthz"); ok {
		t.Error("a route without a row has one")
	}
	if _, ok := p.Field("Query", "nothing"); ok {
		t.Error("a field without a row has one")
	}
	for _, name := range p.Fields() {
		if typ, field, ok := strings.Cut(name, "."); !ok || typ == "" || field == "" {
			t.Errorf("field %q is not Type.name", name)
		} else if r, _ := p.Field(typ, field); typ == "Mutation" && (r == Public || r == OfObject) {
			t.Errorf("mutation %s is %s: a change needs somebody who may make it", field, r)
		}
	}
	for _, name := range p.Routes() {
		if method, pattern, ok := strings.Cut(name, " "); !ok || method == "" || !strings.HasPrefix(pattern, "/") {
			t.Errorf("route %q is not METHOD /pattern", name)
		}
	}
}

func TestParsePolicy(t *testing.T) {
	for text, good := range map[string]bool{
		"": true, "# x\n\nroute\tGET /\tpublic\n": true, "field\tA.b\tobject": true, "route\tGET /\tpublic\r\n": true,
		"route\tGET /\t\n": false, "route GET / public": false, "rout\tGET /\tpublic": false, "route\tGET /\teverybody": false,
		"route\tGET /\tpublic\nroute\tGET /\tuser": false,
	} {
		if _, err := parsePolicy(text); (err == nil) != good {
			t.Errorf("%q: %v, want good %v", text, err, good)
		}
	}
}

func TestAdmit(t *testing.T) {
	nobody, user := &Caller{}, &Caller{User: ballast.User{ID: 1}}
	admin := &Caller{User: ballast.User{ID: 2, Admin: true}}
	privileged := &Caller{User: ballast.User{ID: 2, Admin: true}, AdminPrivileges: true}
	liar := &Caller{User: ballast.User{ID: 1}, AdminPrivileges: true}
	for r, want := range map[Requirement][5]ballast.Kind{ // nobody, user, admin, privileged, liar; Internal: admitted
		Public: {}, SignedURL: {}, SignedIn: {ballast.Unsigned}, OfObject: {ballast.Unsigned}, Self: {ballast.Unsigned},
		ToRead: {ballast.Unsigned}, ToWrite: {ballast.Unsigned}, ToManage: {ballast.Unsigned},
		ToAdmin: {ballast.Unsigned, ballast.Denied, ballast.Denied, 0, ballast.Denied},
		"":      {ballast.Denied, ballast.Denied, ballast.Denied, ballast.Denied, ballast.Denied},
	} {
		for i, c := range []*Caller{nobody, user, admin, privileged, liar} {
			if err := r.Admit(c); (err == nil) != (want[i] == 0) || err != nil && !ballast.Is(err, want[i]) {
				t.Errorf("%q, caller %d: %v, want %v", r, i, err, want[i])
			}
		}
	}
	if From(t.Context()).Signed() || (*Caller)(nil).Signed() {
		t.Error("nobody is somebody")
	}
}

func TestNobodysHash(t *testing.T) {
	if ok, err := VerifyPassword(nobodysHash, "whatever"); ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	if p, _ := parsePHC(nobodysHash); p.memory != hashMemory || p.passes != hashPasses || p.lanes != hashLanes || len(p.sum) != hashSum {
		t.Error("a name that nobody has is answered in another time")
	}
}

// TestCachesAreBounded: keys that are not known leave nothing behind, and
// guesses are kept within their bound.
func TestCachesAreBounded(t *testing.T) {
	var g guesses
	if err := g.init(); err != nil {
		t.Fatal(err)
	}
	for i := range 3 * cached {
		g.allow(strings.Repeat("x", i%500), string(rune(i)), time.Now())
	}
	if n := g.all.Len(); n > cached {
		t.Errorf("%d entries, at most %d", n, cached)
	}
}
