package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProviders(t *testing.T) {
	secret := writeFile(t, "secret", "hunter2-hunter2\n")
	file := writeFile(t, "providers.yaml", `
- name: corp
  label: Corporate account
  issuer: https://id.example.com/realms/corp
  client-id: ballast
  client-secret: file:`+secret+`
  scopes: [groups]
  groups:
    ml: {red: member, blue: viewer}
  admin-groups: [ops]
  groups-dry-run: true
  provision: true
`)
	c, err := Load(Sources{Env: []string{"BALLAST_OIDC_PROVIDERS=file:" + file, "BALLAST_OIDC_ISSUER=https://accounts.example.com", "BALLAST_OIDC_CLIENT_ID=x", "BALLAST_OIDC_SCOPES=a b"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []OIDC{
		{Name: "sso", Label: "accounts.example.com", Issuer: "https://accounts.example.com", ClientID: "x", Scopes: []string{"a", "b"}, Provision: true},
		{Name: "corp", Label: "Corporate account", Issuer: "https://id.example.com/realms/corp", ClientID: "ballast", ClientSecret: "hunter2-hunter2", Scopes: []string{"groups"},
			Groups: map[string]map[string]string{"ml": {"red": "member", "blue": "viewer"}}, AdminGroups: []string{"ops"}, DryRun: true, Provision: true},
	}
	if d := cmp.Diff(want, c.OIDC); d != "" {
		t.Errorf("providers (-want +got):\n%s", d)
	}
}

func TestBadProviders(t *testing.T) {
	const password = "hunter2-hunter2"
	tests := []struct{ name, yaml, want string }{
		{"no list", "name: x", "YAML list"},
		{"unknown field", "- {name: x, isuer: y}", "line 1"},
		{"no name", "- {issuer: 'https://x', client-id: c}", "provider 1: name"},
		{"twice", "- {name: x, issuer: 'https://x', client-id: c}\n- {name: x, issuer: 'https://y', client-id: c}", "twice"},
		{"no URL", "- {name: x, issuer: example.com, client-id: c}", "provider x: issuer"},
		{"in the clear", "- {name: x, issuer: 'http://id.example.com', client-id: c}", "https://"},
		{"no client", "- {name: x, issuer: 'https://x'}", "client-id"},
		{"no role", "- {name: x, issuer: 'https://x', client-id: c, client-secret: " + password + ", groups: {g: {red: owner}}}", "viewer, member or admin"},
		{"absent secret", "- {name: x, issuer: 'https://x', client-id: c, client-secret: 'file:/nonexistent/x'}", "client-secret"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(Sources{Env: []string{"BALLAST_OIDC_PROVIDERS=" + tt.yaml}})
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), password) {
				t.Errorf("%v, want one with %q and no secret", err, tt.want)
			}
		})
	}
	for _, env := range [][]string{{"BALLAST_OIDC_CLIENT_ID=x"}, {"BALLAST_OIDC_ISSUER=https://x"}, {"BALLAST_OIDC_AUTH_METHOD=implicit"}} {
		if _, err := Load(Sources{Env: env}); err == nil || !strings.Contains(err.Error(), "oidc-") {
			t.Errorf("%v: %v", env, err)
		}
	}
}
