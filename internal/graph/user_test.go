package graph

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
)

func TestViewer(t *testing.T) {
	s := newStage(t)
	a := s.must("orgadmin", s.sdk("Viewer"), nil)
	want := map[string]any{"viewer": map[string]any{
		"id": opaqueID("User", s.users["orgadmin"].ID), "entity": "orgadmin", "username": "orgadmin", "email": "orgadmin@example.com",
		"flags": `{"code_saving_enabled":true}`,
		"teams": map[string]any{"edges": []any{map[string]any{"node": map[string]any{"name": "red"}}}},
	}}
	if diff := cmp.Diff(want, a.Data); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if a := s.must("robot", s.sdk("Viewer"), nil); a.at("viewer.entity") != "red" {
		t.Errorf("a service account's default entity: %s", a.Body)
	}
	if a := s.must("nobody", s.sdk("Viewer"), nil); a.Data["viewer"] != nil {
		t.Errorf("nobody is %s", a.Body)
	}
}

// TestPrivate: what is private of a user shows to the right people only.
func TestPrivate(t *testing.T) {
	s := newStage(t)
	s.must("member", s.sdk("GenerateApiKey"), map[string]any{"description": "laptop"})
	for role, want := range map[string]struct{ email, keys bool }{
		"member": {true, true}, "viewer": {true, false}, "stranger": {false, false}, "boss": {false, false}, "boss+": {true, true},
	} {
		a := s.must(role, s.sdk("SearchUsers"), map[string]any{"query": "member"})
		node := a.at("users").(map[string]any)["edges"].([]any)[0].(map[string]any)["node"].(map[string]any)
		if got := node["email"] != nil; got != want.email || node["username"] != "member" {
			t.Errorf("%s sees %v", role, node)
		}
		if got := node["apiKeys"] != nil; got != want.keys {
			t.Errorf("%s sees the keys %v", role, node["apiKeys"])
		}
	}
}

func TestKeys(t *testing.T) {
	s := newStage(t)
	secret, _ := s.must("member", s.sdk("GenerateApiKey"), map[string]any{"description": "laptop"}).at("generateApiKey.apiKey.name").(string)
	if secret != "" {
		t.Fatalf("the field is aliased in the SDK's document")
	}
	a := s.must("member", s.sdk("GenerateApiKey"), map[string]any{"description": "desk"})
	secret, _ = a.at("result.apiKey.name").(string)
	c, err := s.auth.ByKey(t.Context(), secret, false)
	if err != nil || c.User.Name != "member" {
		t.Fatalf("the key %.10s… is not member's: %v", secret, err)
	}
	list := s.must("member", `{viewer{apiKeys{edges{node{id name description hint createdAt expiresAt lastUsedAt}}}}}`, nil)
	if strings.Contains(string(list.Body), secret[10:30]) {
		t.Errorf("the list shows a secret: %s", list.Body)
	}
	if !strings.Contains(string(list.Body), `"description":"desk"`) || !strings.Contains(string(list.Body), `"hint":"`+secret[len(secret)-4:]) {
		t.Errorf("the list: %s", list.Body)
	}
	id := a.at("result.apiKey.id")
	for _, role := range []string{"stranger", "teamadmin", "boss"} {
		if a := s.do(role, s.sdk("DeleteApiKey"), map[string]any{"id": id}); len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "NOT_FOUND" {
			t.Errorf("%s: %s", role, a.Body)
		}
	}
	s.must("member", s.sdk("DeleteApiKey"), map[string]any{"id": id})
	if _, err := s.auth.ByKey(t.Context(), secret, false); !ballast.Is(err, ballast.Unsigned) {
		t.Errorf("the revoked key: %v", err)
	}
}

func TestKeyExpires(t *testing.T) {
	s := newStage(t)
	doc := `mutation($at:DateTime){generateApiKey(input:{name:"x",expiresAt:$at}){apiKey{expiresAt}}}`
	at := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	if a := s.must("member", doc, map[string]any{"at": at}); a.at("generateApiKey.apiKey.expiresAt") != at.Format(time.RFC3339) {
		t.Errorf("%s, want %s", a.Body, at)
	}
	if a := s.do("member", doc, map[string]any{"at": at.Add(-2 * time.Hour)}); len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "INVALID" {
		t.Errorf("in the past: %s", a.Body)
	}
}

func TestMembers(t *testing.T) {
	s := newStage(t)
	made := s.must("teamadmin", s.sdk("CreateServiceAccount"), map[string]any{"entity": "red", "description": "CI bot"})
	a := s.must("viewer", s.sdk("GetTeamEntity"), map[string]any{"name": "red"})
	got := map[string]string{}
	ids := map[any]bool{}
	for _, m := range a.at("entity.members").([]any) {
		m := m.(map[string]any)
		got[m["username"].(string)] = m["accountType"].(string)
		ids[m["id"]] = true
	}
	want := map[string]string{"viewer": "MEMBER", "member": "MEMBER", "other": "MEMBER", "teamadmin": "MEMBER", "robot": "SERVICE", "red-ci-bot": "SERVICE"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	if !ids[made.at("result.user.id")] {
		t.Errorf("the new account's id %v is none of %v", made.at("result.user.id"), ids)
	}
	for _, m := range []string{
		`mutation{removeMember(input:{entityName:"red",username:"teamadmin"}){success}}`,
		`mutation{setMember(input:{entityName:"red",username:"teamadmin",role:"viewer"}){member{role}}}`,
	} {
		if a := s.do("teamadmin", m, nil); len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "CONFLICT" {
			t.Errorf("the last admin: %s", a.Body)
		}
	}
	s.must("teamadmin", s.sdk("CreateInvite"), map[string]any{"entity": "red", "username": "stranger", "admin": true})
	s.must("stranger", `mutation{removeMember(input:{entityName:"red",username:"teamadmin"}){success}}`, nil)
	if a := s.must("teamadmin", `{entity(name:"red"){id}}`, nil); a.Data["entity"] != nil {
		t.Errorf("a former member sees %s", a.Body)
	}
}
