// Package authtest makes the people that access is tried with: one of each
// role, each with a key, around one team's project.
package authtest

import (
	"context"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
)

// Roles are the callers, from the least to the most.
var Roles = []string{
	"nobody",    // sends no key
	"disabled",  // a member of red who was disabled
	"expired",   // a member of red with a key that has expired
	"stranger",  // a member of blue, the other team of the organization
	"viewer",    // of red
	"member",    // of red
	"service",   // red's service account
	"teamadmin", // of red
	"orgadmin",  // of acme
	"admin",     // of the instance, without the header
	"admin+",    // with Use-Admin-Privileges: true
}

// Cast is organization acme with the teams red and blue, and the project
// red/secret with the run r1, which member made.
type Cast struct {
	DB             *meta.DB
	Auth           *auth.Auth
	Org, Red, Blue ballast.Entity
	Project        ballast.Project
	Run            ballast.Run
	Users          map[string]ballast.User // by role, without nobody
	Keys           map[string]string       // by role; "" for nobody
}

// New makes the cast in an empty store.
func New(t testing.TB, db *meta.DB) *Cast {
	t.Helper()
	secrets := []auth.Secret{{ID: "test", Secret: []byte("a secret that only tests know")}}
	a, err := auth.New(db, secrets, auth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	yesterday, err := auth.New(db, secrets, auth.Options{Now: func() time.Time { return time.Now().Add(-24 * time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	c := &Cast{DB: db, Auth: a, Users: map[string]ballast.User{}, Keys: map[string]string{"nobody": ""}}
	ctx := context.Background()
	if err := db.Write(ctx, "make the cast", c.people); err != nil {
		t.Fatal(err)
	}
	for role, u := range c.Users {
		from, expires := a, time.Time{}
		if role == "expired" {
			from, expires = yesterday, time.Now().Add(-time.Hour)
		}
		if c.Keys[role], _, err = from.NewKey(ctx, u.ID, role, expires); err != nil {
			t.Fatal(err)
		}
	}
	c.Users["admin+"], c.Keys["admin+"] = c.Users["admin"], c.Keys["admin"]
	if err := db.Write(ctx, "disable", func(tx *meta.Tx) error { return tx.SetUserDisabled(c.Users["disabled"].ID, true) }); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *Cast) people(tx *meta.Tx) (err error) {
	if c.Org, err = tx.CreateEntity("acme", ballast.Organization, 0); err != nil {
		return err
	}
	if c.Red, err = tx.CreateEntity("red", ballast.Team, c.Org.ID); err != nil {
		return err
	}
	if c.Blue, err = tx.CreateEntity("blue", ballast.Team, c.Org.ID); err != nil {
		return err
	}
	for _, p := range []struct {
		role   string
		admin  bool
		entity ballast.Entity
		as     ballast.Role
	}{
		{"admin", true, ballast.Entity{}, ""},
		{"disabled", false, c.Red, ballast.Member},
		{"expired", false, c.Red, ballast.Member},
		{"stranger", false, c.Blue, ballast.Member},
		{"viewer", false, c.Red, ballast.Viewer},
		{"member", false, c.Red, ballast.Member},
		{"teamadmin", false, c.Red, ballast.Admin},
		{"orgadmin", false, c.Org, ballast.Admin},
	} {
		u, err := tx.CreateUser(ballast.User{Name: p.role + "-user", Email: p.role + "@example.com", EmailProven: true, Admin: p.admin}, "")
		if err != nil {
			return err
		}
		c.Users[p.role] = u
		if p.as != "" {
			if err := tx.SetMember(p.entity.ID, u.ID, p.as); err != nil {
				return err
			}
		}
	}
	if c.Users["service"], err = tx.CreateUser(ballast.User{Name: "service-user", Service: true, ServiceTeamID: c.Red.ID}, ""); err != nil {
		return err
	}
	member := c.Users["member"].ID
	if c.Project, _, err = tx.EnsureProject(c.Red.ID, "secret", member, time.Now()); err != nil {
		return err
	}
	c.Run, err = tx.CreateRun(ballast.Run{ProjectID: c.Project.ID, Name: "r1", UserID: member})
	return err
}

// Caller is who a role's request is from, as the server finds out.
func (c *Cast) Caller(ctx context.Context, role string) (*auth.Caller, error) {
	if role == "nobody" {
		return &auth.Caller{}, nil
	}
	return c.Auth.ByKey(ctx, c.Keys[role], role == "admin+")
}
