package auth_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

const corp = "https://id.corp.example.com"

// vouching is a server with an admin, a team red and a link that invites to it.
type vouching struct {
	*auth.Auth
	t    *testing.T
	db   *meta.DB
	red  ballast.Entity
	root ballast.User
	link string
	log  bytes.Buffer
}

func newVouching(t *testing.T, o auth.Options) *vouching {
	t.Helper()
	v := &vouching{t: t, db: metatest.Open(t)}
	o.Log = slog.New(slog.NewTextHandler(&v.log, nil))
	a, err := auth.New(v.db, []auth.Secret{newSecret}, o)
	if err != nil {
		t.Fatal(err)
	}
	v.Auth, v.root = a, newUser(t, v.db, "root", "")
	v.write(func(tx *meta.Tx) (err error) {
		if v.red, err = tx.CreateEntity("red", ballast.Team, 0); err != nil {
			return err
		}
		return tx.SetUserAdmin(v.root.ID, true)
	})
	if v.link, _, err = a.NewInvite(t.Context(), ballast.Invite{EntityID: v.red.ID, Role: ballast.Member, CreatorID: v.root.ID}, time.Hour); err != nil {
		t.Fatal(err)
	}
	return v
}

func (v *vouching) write(fn func(tx *meta.Tx) error) {
	v.t.Helper()
	if err := v.db.Write(v.t.Context(), "test", fn); err != nil {
		v.t.Fatal(err)
	}
}

// user is what an account is now.
func (v *vouching) user(id int64) (u ballast.User) {
	v.t.Helper()
	if err := v.db.Read(v.t.Context(), func(tx *meta.Tx) (err error) { u, err = tx.User(id); return err }); err != nil {
		v.t.Fatal(err)
	}
	return u
}

func (v *vouching) signIn(who ballast.Identity, r auth.Rules) ballast.User {
	v.t.Helper()
	s, err := v.SignInAs(v.t.Context(), who, r, "Firefox")
	if err != nil {
		v.t.Fatal(err)
	}
	return s.User
}

// squat accepts the invitation with somebody else's address.
func (v *vouching) squat(email string) ballast.User {
	v.t.Helper()
	s, _, err := v.Accept(v.t.Context(), auth.AcceptRequest{Token: v.link, Name: "squatter", Email: email, Password: password})
	if err != nil {
		v.t.Fatal(err)
	}
	return s.User
}

func boss() ballast.Identity {
	return ballast.Identity{Issuer: corp, Subject: "boss", Email: "boss@corp.example.com", EmailVerified: true, Name: "boss", Groups: []string{"ops"}, GroupsSaid: true}
}

var trusted = auth.Rules{Provision: true, LinkByEmail: true, Admins: []string{"ops"}}

func TestAddressOfAnInvited(t *testing.T) {
	v := newVouching(t, auth.Options{})
	squatter := v.squat("Boss@corp.example.com")
	_, err := v.SignInAs(t.Context(), boss(), auth.Rules{LinkByEmail: true}, "Firefox")
	wantKind(t, "no provisioning", err, ballast.Conflict)
	got := v.signIn(boss(), trusted)
	if got.ID == squatter.ID || !got.Admin || got.Email != "" {
		t.Errorf("the owner of the address signs in as %+v", got)
	}
	if now := v.user(squatter.ID); now.Admin || now.EmailProven || now.Email != "Boss@corp.example.com" {
		t.Errorf("whoever claimed the address is %+v", now)
	}
	if again := v.signIn(boss(), trusted); again.ID != got.ID {
		t.Errorf("the second time: %+v", again)
	}
	if !strings.Contains(v.log.String(), "holder=squatter") {
		t.Errorf("the log does not say who has the address:\n%s", &v.log)
	}
}

func TestAddressUnverified(t *testing.T) {
	v := newVouching(t, auth.Options{})
	thief := boss()
	thief.Subject, thief.EmailVerified, thief.GroupsSaid = "thief", false, false
	stolen := v.signIn(thief, trusted)
	if stolen.Email != "" {
		t.Errorf("an address that nobody verified was stored: %+v", stolen)
	}
	if got := v.signIn(boss(), trusted); got.ID == stolen.ID || !got.EmailProven || got.Email != boss().Email {
		t.Errorf("the owner of the address signs in as %+v", got)
	}
	_, err := v.SignInAs(t.Context(), ballast.Identity{Issuer: corp, Subject: "other", Email: boss().Email}, trusted, "Firefox")
	wantKind(t, "a proven address that this one has not verified", err, ballast.Conflict)
}

// TestAddressOfLesserProvider: a provider that is not trusted with addresses
// proves none, until it is.
func TestAddressOfLesserProvider(t *testing.T) {
	v := newVouching(t, auth.Options{})
	lesser := boss()
	lesser.Issuer = "https://lesser.example.com"
	first := v.signIn(lesser, auth.Rules{Provision: true})
	if first.Email != boss().Email || first.EmailProven {
		t.Errorf("made by the lesser provider: %+v", first)
	}
	_, err := v.SignInAs(t.Context(), boss(), auth.Rules{LinkByEmail: true}, "Firefox")
	wantKind(t, "linking to it", err, ballast.Conflict)
	if v.signIn(lesser, auth.Rules{LinkByEmail: true}); !v.user(first.ID).EmailProven {
		t.Error("trusted by now, and the address is not proven")
	}
	if got := v.signIn(boss(), auth.Rules{LinkByEmail: true}); got.ID != first.ID {
		t.Errorf("linking to it after that: %+v", got)
	}
}

// TestAddressOnAdminsWord: an admin says that the address is theirs.
func TestAddressOnAdminsWord(t *testing.T) {
	v := newVouching(t, auth.Options{})
	u := v.squat(boss().Email)
	v.write(func(tx *meta.Tx) error { return tx.SetUserEmail(u.ID, boss().Email) })
	_, err := v.SignInAs(t.Context(), boss(), auth.Rules{Provision: true}, "Firefox")
	wantKind(t, "a provider that does not link", err, ballast.Conflict)
	if got := v.signIn(boss(), trusted); got.ID != u.ID || !got.Admin {
		t.Errorf("linked to %+v", got)
	}
}

func TestGroupsUnsaid(t *testing.T) {
	v := newVouching(t, auth.Options{})
	r := trusted
	r.Groups = map[string][]ballast.Grant{"ops": {{Team: "red", Role: ballast.Admin}}}
	who := boss()
	u := v.signIn(who, r)
	role := func() (role ballast.Role) {
		v.write(func(tx *meta.Tx) (err error) { role, err = tx.RoleIn(v.red.ID, u.ID); return err })
		return role
	}
	who.Groups, who.GroupsSaid = nil, false
	if now := v.signIn(who, r); !now.Admin || role() != ballast.Admin {
		t.Errorf("the provider said nothing of groups: admin %v, %q in red", now.Admin, role())
	}
	if !strings.Contains(v.log.String(), "level=WARN") || !strings.Contains(v.log.String(), "groups-claim") {
		t.Errorf("the log does not warn:\n%s", &v.log)
	}
	who.GroupsSaid = true
	if now := v.signIn(who, r); now.Admin || role() != ballast.NoRole {
		t.Errorf("in no group: admin %v, %q in red", now.Admin, role())
	}
}

func TestAcceptWherePasswordsAreForAdmins(t *testing.T) {
	v := newVouching(t, auth.Options{AdminsOnly: true})
	_, _, err := v.Accept(t.Context(), auth.AcceptRequest{Token: v.link, Name: "new", Email: "new@example.com", Password: password})
	wantKind(t, "a new account", err, ballast.Denied)
	if err == nil || !strings.Contains(err.Error(), "sign in with your identity provider first, then open this link again") {
		t.Errorf("the error does not say what to do: %v", err)
	}
	if _, team, err := v.Accept(t.Context(), auth.AcceptRequest{Token: v.link, User: v.root}); err != nil || team.ID != v.red.ID {
		t.Errorf("who is signed in joins by the same link: %+v, %v", team, err)
	}
}
