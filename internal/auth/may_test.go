package auth_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/auth/authtest"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// TestMay tries every role on the project of team red, with its run that
// member made, on the member's own entity, and on the instance. The columns:
// read, write, manage red; manage the run; read blue; read and manage acme;
// read member's own; administer.
func TestMay(t *testing.T) {
	want := map[string]string{
		"nobody":    "u u u u u u u u u",
		"disabled":  "u u u u u u u u u",
		"expired":   "u u u u u u u u u",
		"stranger":  "h h h h y h h h d",
		"viewer":    "y d d d h h h h d",
		"member":    "y y d y h h h y d",
		"service":   "y y d d h h h h d",
		"teamadmin": "y y y y h h h h d",
		"orgadmin":  "y y y y y y y h d",
		"admin":     "h h h h h h h h d",
		"admin+":    "y y y y y y y y y",
	}
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		c := authtest.New(t, db)
		own := ballast.Entity{ID: c.Users["member"].EntityID, Name: "member-user", Kind: ballast.Personal}
		red, blue, acme := auth.Object{Entity: c.Red}, auth.Object{Entity: c.Blue}, auth.Object{Entity: c.Org}
		run := auth.Object{Entity: c.Red, Name: "run red/secret/r1", Owner: c.Run.UserID}
		tries := []struct {
			action auth.Action
			object auth.Object
		}{{auth.Read, red}, {auth.Write, red}, {auth.Manage, red}, {auth.Manage, run}, {auth.Read, blue}, {auth.Read, acme}, {auth.Manage, acme},
			{auth.Read, auth.Object{Entity: own}}, {auth.Administer, auth.Object{}}}
		for _, role := range authtest.Roles {
			var got []string
			for range 2 { // the second time from what is remembered
				got = nil
				for _, try := range tries {
					caller, err := c.Caller(t.Context(), role)
					if err == nil {
						err = c.Auth.May(t.Context(), caller, try.action, try.object)
					}
					got = append(got, outcome(t, err))
				}
				if line := strings.Join(got, " "); line != want[role] {
					t.Errorf("%s: %s, want %s", role, line, want[role])
				}
			}
		}
	})
}

func outcome(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return "y"
	}
	switch ballast.KindOf(err) {
	case ballast.Unsigned:
		return "u"
	case ballast.NotFound:
		return "h"
	case ballast.Denied:
		return "d"
	}
	t.Errorf("unexpected: %v", err)
	return "?"
}

// TestHiddenLooksLikeMissing: the refusal of a thing that is there and the one
// for a thing that is not read the same.
func TestHiddenLooksLikeMissing(t *testing.T) {
	c := authtest.New(t, metatest.Open(t))
	stranger, err := c.Caller(t.Context(), "stranger")
	if err != nil {
		t.Fatal(err)
	}
	there := c.Auth.May(t.Context(), stranger, auth.Manage, auth.Object{Entity: c.Red, Name: "project red/secret"})
	if there == nil || there.Error() != auth.Hidden("project red/secret").Error() {
		t.Errorf("%v", there)
	}
}

// TestNewMemberNeedNotWait, and one who lost a role loses it with Forget here
// and within seconds elsewhere.
func TestNewMemberNeedNotWait(t *testing.T) {
	c := authtest.New(t, metatest.Open(t))
	ctx := t.Context()
	set := func(role ballast.Role) {
		t.Helper()
		err := c.DB.Write(ctx, "set", func(tx *meta.Tx) error { return tx.SetMember(c.Red.ID, c.Users["stranger"].ID, role) })
		if err != nil {
			t.Fatal(err)
		}
	}
	may := func(action auth.Action) error {
		caller, err := c.Caller(ctx, "stranger")
		return errors.Join(err, c.Auth.May(ctx, caller, action, auth.Object{Entity: c.Red}))
	}
	if may(auth.Read) == nil {
		t.Fatal("a stranger may read")
	}
	set(ballast.Viewer)
	if err := may(auth.Read); err != nil {
		t.Errorf("a new viewer: %v", err)
	}
	set(ballast.Admin)
	if err := may(auth.Manage); err != nil {
		t.Errorf("a new admin: %v", err)
	}
	set(ballast.Viewer)
	c.Auth.Forget(c.Users["stranger"].ID)
	if may(auth.Write) == nil {
		t.Error("a viewer again, but may write")
	}
}

func TestOnBehalf(t *testing.T) {
	c := authtest.New(t, metatest.Open(t))
	for _, try := range []struct{ role, name, email, want string }{
		{"service", "member-user", "", "member-user"},
		{"service", "MEMBER-user", "ignored@example.com", "member-user"},
		{"service", "", "viewer@example.com", "viewer-user"},
		{"service", "", "", "service-user"},
		{"service", "stranger-user", "", "service-user"},
		{"service", "disabled-user", "", "service-user"},
		{"service", "nobody-at-all", "", "service-user"},
		{"service", "admin-user", "", "service-user"},
		{"member", "viewer-user", "", "member-user"},
	} {
		caller, err := c.Caller(t.Context(), try.role)
		if err != nil {
			t.Fatal(err)
		}
		on, err := c.Auth.OnBehalf(t.Context(), caller, try.name, try.email)
		if err != nil {
			t.Fatal(err)
		}
		if on.Author().Name != try.want || on.User.ID != caller.User.ID {
			t.Errorf("%s for %q %q: %s, want %s", try.role, try.name, try.email, on.Author().Name, try.want)
		}
	}
}
