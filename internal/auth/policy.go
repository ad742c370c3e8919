package auth

import (
	_ "embed" // policy.tsv
	"fmt"
	"slices"
	"strings"

	"github.com/ballast-ml/ballast"
)

//go:embed policy.tsv
var policyText string

// Requirement is what a route or a field requires of the caller.
type Requirement string

// The words of the policy table.
const (
	Public    Requirement = "public"     // nothing: anybody, also nobody
	SignedURL Requirement = "signed-url" // a valid signature in the URL, and nothing else
	ByLink    Requirement = "link"       // the token of a public link, and nothing else
	SignedIn  Requirement = "user"       // any user
	OfObject  Requirement = "object"     // a field of an object that was authorized when it was found
	Self      Requirement = "self"       // a user's private field: shown to that user, and to an admin with privileges
	ToRead    Requirement = "read"       // the object that path or arguments name, authorized with May
	ToWrite   Requirement = "write"
	ToManage  Requirement = "manage"
	ToAdmin   Requirement = "admin" // an instance admin with privileges
)

var requirements = []Requirement{Public, SignedURL, ByLink, SignedIn, OfObject, Self, ToRead, ToWrite, ToManage, ToAdmin}

// Admit refuses a caller who cannot meet the requirement whatever the object
// is. It does not stand in for May where an object is named.
func (r Requirement) Admit(c *Caller) error {
	switch r {
	case Public, SignedURL, ByLink:
		return nil
	case SignedIn, OfObject, Self, ToRead, ToWrite, ToManage:
		if !c.Signed() {
			return unsigned()
		}
		return nil
	case ToAdmin:
		if !c.Signed() {
			return unsigned()
		}
		if c.User.Admin && c.AdminPrivileges {
			return nil
		}
		return ballast.Errorf(ballast.Denied, "this is for admins of the instance, with the header Use-Admin-Privileges: true")
	}
	return ballast.Errorf(ballast.Denied, "this is not open to anybody")
}

// Policy is the table of what each route and each GraphQL field requires.
type Policy struct {
	routes, fields map[string]Requirement
}

// LoadPolicy reads the table, policy.tsv.
func LoadPolicy() (*Policy, error) { return parsePolicy(policyText) }

// parsePolicy reads rows of three columns with tabs between: "route" or
// "field", the name, the requirement. Lines that begin with # and empty ones
// are left out.
func parsePolicy(text string) (*Policy, error) {
	p := &Policy{routes: map[string]Requirement{}, fields: map[string]Requirement{}}
	line := 0
	for row := range strings.Lines(text) {
		line++
		row = strings.TrimRight(row, "\r\n")
		if row == "" || row[0] == '#' {
			continue
		}
		col := strings.Split(row, "\t")
		if len(col) != 3 || !slices.Contains(requirements, Requirement(col[2])) {
			return nil, fmt.Errorf("policy.tsv:%d: want route or field, a name and one of %v, with tabs between: %q", line, requirements, row)
		}
		rows := p.routes
		switch col[0] {
		case "route":
		case "field":
			rows = p.fields
		default:
			return nil, fmt.Errorf("policy.tsv:%d: %q is neither route nor field", line, col[0])
		}
		if _, ok := rows[col[1]]; ok {
			return nil, fmt.Errorf("policy.tsv:%d: %s %s has a row already", line, col[0], col[1])
		}
		rows[col[1]] = Requirement(col[2])
	}
	return p, nil
}

// Route returns what a route requires, false when it has no row. pattern is
// as registered without its method, "/files/{entity}/{project}/{run}/file_stream".
func (p *Policy) Route(method, pattern string) (Requirement, bool) {
	r, ok := p.routes[strings.TrimSpace(method+" "+pattern)]
	return r, ok
}

// Field returns what a GraphQL field requires, false when it has no row.
func (p *Policy) Field(typ, name string) (Requirement, bool) {
	r, ok := p.fields[typ+"."+name]
	return r, ok
}

// Routes and Fields return the names of all rows in order, "GET /healthz" and
// "Query.viewer", for the test that looks for rows without a route or field.
func (p *Policy) Routes() []string { return sortedNames(p.routes) }

// Fields is told at Routes.
func (p *Policy) Fields() []string { return sortedNames(p.fields) }

func sortedNames(rows map[string]Requirement) []string {
	names := make([]string, 0, len(rows))
	for n := range rows {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
