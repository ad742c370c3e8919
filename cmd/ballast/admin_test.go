package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// decode reads the JSON that a command printed.
func decode[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("not the JSON expected: %v\n%s", err, text)
	}
	return v
}

// refused runs an admin command that has to fail with a text.
func refused(t *testing.T, data, in, want string, args ...string) {
	t.Helper()
	code, _, errs := call(t, in, append([]string{"admin", "--data", data}, args...)...)
	if code != exitFailed || !strings.Contains(errs, want) {
		t.Errorf("admin %v: code %d: %swant code 1 and %q", args, code, errs, want)
	}
}

func TestAdminUsers(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	u := decode[shownUser](t, must(t, data, "correct horse\n", "user", "create", "ada", "--email", "ada@example.com", "--admin", "--full-name", "Ada L.", "--password-stdin", "--json"))
	if u.Name != "ada" || !u.Admin || !u.Password || u.FullName != "Ada L." || u.Email != "ada@example.com" || !u.Proven {
		t.Errorf("created: %+v", u)
	}
	refused(t, data, "", "is taken", "user", "create", "ADA", "--email", "x@example.com")
	refused(t, data, "", "reserved", "user", "create", "api", "--email", "y@example.com")
	refused(t, data, "short\n", "password", "user", "create", "bob", "--email", "b@example.com", "--password-stdin")
	refused(t, data, "", "last enabled admin", "user", "delete", "ada")
	refused(t, data, "", "last enabled admin", "user", "disable", "ada")
	refused(t, data, "", "last enabled admin", "user", "demote", "ada")
	must(t, data, "", "user", "create", "bob", "--email", "b@example.com")
	must(t, data, "", "user", "promote", "bob")
	must(t, data, "", "user", "demote", "ada")
	must(t, data, "", "user", "disable", "ada")
	must(t, data, "", "user", "change", "ada", "--email", "l@example.com")
	refused(t, data, "", "nothing to change", "user", "change", "ada")
	users := decode[[]shownUser](t, must(t, data, "", "user", "list", "--json"))
	if len(users) != 2 || users[0].Admin || !users[0].Disabled || users[0].Email != "l@example.com" || !users[1].Admin {
		t.Errorf("users: %+v", users)
	}
	must(t, data, "another horse\n", "user", "reset", "ada", "--password-stdin")
	must(t, data, "", "user", "enable", "ada")
	must(t, data, "", "user", "delete", "ada")
	refused(t, data, "", "there is no user ada", "user", "enable", "ada")
	if out := must(t, data, "", "user", "list"); strings.Contains(out, "ada") || !strings.Contains(out, "bob") {
		t.Errorf("after deleting ada:\n%s", out)
	}
}

func TestAdminKeys(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	must(t, data, "", "user", "create", "ada", "--email", "ada@example.com")
	k := decode[shownKey](t, must(t, data, "", "key", "create", "--user", "ada", "--name", "ci", "--expires", "90d", "--json"))
	if k.Name != "ci" || len(k.Secret) < 40 || k.Expires == nil || k.Expires.Sub(time.Now()).Round(time.Hour) != 90*24*time.Hour {
		t.Errorf("created: %+v", k)
	}
	plain := strings.TrimSpace(must(t, data, "", "key", "create", "--user", "ada"))
	if len(plain) < 40 || strings.ContainsAny(plain, " \n") {
		t.Errorf("key create prints %q, want the key alone", plain)
	}
	for name, key := range map[string]string{
		"forty":  strings.Repeat("0123456789", 4),
		"prefix": "local-" + strings.Repeat("abcde", 8),
		"long":   "wandb_v1-" + strings.Repeat("A_b-", 20),
		"token":  "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl",
	} {
		out := must(t, data, key+"\n", "key", "import", "--user", "ada", "--name", name)
		if strings.Contains(out, key) {
			t.Errorf("key import shows the key: %s", out)
		}
		refused(t, data, key, "exists already", "key", "import", "--user", "ada")
	}
	refused(t, data, "tooshort\n", "at least 40", "key", "import", "--user", "ada")
	refused(t, data, "", "no key on standard input", "key", "import", "--user", "ada")
	refused(t, data, strings.Repeat("a", 40)+"\n"+strings.Repeat("b", 40), "one line", "key", "import", "--user", "ada")
	refused(t, data, "", "there is no user bob", "key", "create", "--user", "bob")
	for _, life := range []string{"90", "-1d", "soon", "0d"} {
		refused(t, data, "", "--expires", "key", "create", "--user", "ada", "--expires="+life)
	}
	must(t, data, "", "key", "revoke", "1")
	must(t, data, "", "key", "rename", "2", "other")
	refused(t, data, "", "does not exist", "key", "revoke", "99")
	refused(t, data, "", "give the id", "key", "revoke", "ci")
	list := must(t, data, "", "key", "list", "--user", "ada", "--json")
	keys := decode[[]shownKey](t, list)
	if len(keys) != 6 || keys[5].State != "revoked" || keys[4].Name != "other" || strings.Contains(list, `"key"`) {
		t.Errorf("keys: %s", list)
	}
}

func TestAdminTeams(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	for _, name := range []string{"ada", "bob", "eve"} {
		must(t, data, "", "user", "create", name, "--email", name+"@example.com")
	}
	must(t, data, "", "org", "create", "acme", "--owner", "ada")
	must(t, data, "", "org", "add", "acme", "bob", "--role", "member")
	must(t, data, "", "team", "create", "red", "--owner", "bob", "--org", "acme")
	must(t, data, "", "team", "create", "blue", "--owner", "eve", "--json")
	must(t, data, "", "team", "add", "red", "eve", "--role", "viewer")
	must(t, data, "", "team", "add", "red", "eve", "--role", "member")
	refused(t, data, "", "admin, member or viewer", "team", "add", "red", "ada", "--role", "boss")
	refused(t, data, "", "is no team", "team", "add", "acme", "ada", "--role", "member")
	refused(t, data, "", "is no team", "team", "add", "ada", "bob", "--role", "member")
	refused(t, data, "", "is taken", "team", "create", "Red", "--owner", "bob")
	must(t, data, "", "service", "create", "robot", "--team", "red")
	must(t, data, "", "key", "create", "--user", "robot")
	refused(t, data, "", "service account", "user", "reset", "robot")
	teams := decode[[]shownEntity](t, must(t, data, "", "team", "list", "--json"))
	want := []shownMember{{"bob", "admin", false}, {"eve", "member", false}, {"robot", "member", true}}
	if len(teams) != 2 || teams[0].Org != "acme" || len(teams[0].Members) != 3 {
		t.Fatalf("teams: %+v", teams)
	}
	for i, m := range teams[0].Members {
		if m != want[i] {
			t.Errorf("member %d of red: %+v, want %+v", i, m, want[i])
		}
	}
	must(t, data, "", "team", "remove", "red", "eve")
	must(t, data, "", "team", "change", "blue", "--org", "acme")
	orgs := decode[[]shownEntity](t, must(t, data, "", "org", "list", "--json"))
	if len(orgs) != 1 || len(orgs[0].Teams) != 2 || len(orgs[0].Members) != 2 {
		t.Errorf("orgs: %+v", orgs)
	}
	must(t, data, "", "project", "create", "red/p", "--description", "first")
	refused(t, data, "", "exists already", "project", "create", "red/p")
	refused(t, data, "", "ENTITY/NAME", "project", "create", "p")
	refused(t, data, "", "projects belong to", "project", "create", "acme/p")
	must(t, data, "", "project", "change", "red/p", "--description", "second")
	projects := decode[[]shownProject](t, must(t, data, "", "project", "list", "--json"))
	if len(projects) != 1 || projects[0].Entity != "red" || projects[0].Description != "second" {
		t.Errorf("projects: %+v", projects)
	}
	must(t, data, "", "project", "delete", "red/p")
	must(t, data, "", "team", "delete", "red")
	must(t, data, "", "team", "delete", "blue")
	must(t, data, "", "org", "delete", "acme")
	if out := must(t, data, "", "user", "list"); strings.Contains(out, "robot") {
		t.Errorf("the service account outlived its team:\n%s", out)
	}
}
