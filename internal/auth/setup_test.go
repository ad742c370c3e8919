package auth_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

func TestSetup(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		c := newClock()
		here, there := open(t, db, c, newSecret), open(t, db, c, newSecret)
		token, err := here.SetupToken(t.Context())
		if err != nil || len(token) != 43 {
			t.Fatalf("%q, %v", token, err)
		}
		if again, err := there.SetupToken(t.Context()); again != token || err != nil {
			t.Errorf("another replica's link: %q, %v, want the same", again, err)
		}
		other := open(t, db, c, oldSecret) // who has the store but not the secret
		if forged, err := other.SetupToken(t.Context()); forged == token || err != nil {
			t.Errorf("the link follows from the store alone: %v", err)
		}
		setup := func(a *auth.Auth, token, name string) (auth.Signed, error) {
			return a.Setup(t.Context(), auth.SetupRequest{Token: token, Name: name, Email: name + "@example.com", Password: password})
		}
		for _, bad := range []string{"", "x", token[1:], token + "A", strings.ToUpper(token), "rescue.1.x", "rescue."} {
			_, err := setup(here, bad, "eve")
			wantKind(t, "token "+bad, err, ballast.Denied)
		}
		_, err = setup(here, token, "a/b")
		wantKind(t, "a bad name", err, ballast.Invalid) // and the link still works
		if need, err := there.NeedsSetup(t.Context()); !need || err != nil {
			t.Errorf("needs set-up: %v, %v", need, err)
		}
		// Two who use it at once: one wins.
		var wg sync.WaitGroup
		errs := make([]error, 2)
		signed := make([]auth.Signed, 2)
		for i, a := range []*auth.Auth{here, there} {
			wg.Go(func() { signed[i], errs[i] = setup(a, token, []string{"ann", "bob"}[i]) })
		}
		wg.Wait()
		won := 0
		if errs[0] != nil {
			won = 1
		}
		if errs[won] != nil || !ballast.Is(errs[1-won], ballast.Denied) {
			t.Fatalf("errors %v", errs)
		}
		if caller, err := here.BySession(t.Context(), signed[won].Cookie, true); err != nil || !caller.AdminPrivileges {
			t.Errorf("the first admin: %+v, %v", caller, err)
		}
		_, err = setup(here, token, "eve")
		wantKind(t, "a second time", err, ballast.Denied)
		for _, a := range []*auth.Auth{here, there, open(t, db, c, newSecret)} {
			if token, err := a.SetupToken(t.Context()); token != "" || err != nil {
				t.Errorf("a link with users there: %q, %v", token, err)
			}
			if need, err := a.NeedsSetup(t.Context()); need || err != nil {
				t.Errorf("needs set-up: %v, %v", need, err)
			}
		}
	})
}

func TestRescue(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		c := newClock()
		a := open(t, db, c, newSecret)
		u, v := newUser(t, db, "ada", hash(t)), newUser(t, db, "bob", "")
		old, err := signIn(a, t, "ada", password, "1")
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Write(t.Context(), "disable", func(tx *meta.Tx) error { return tx.SetUserDisabled(u.ID, true) }); err != nil {
			t.Fatal(err)
		}
		link := func() string {
			t.Helper()
			token, err := a.RescueToken(t.Context(), u.ID, time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		use := func(token string) (auth.Signed, error) {
			return a.Setup(t.Context(), auth.SetupRequest{Token: token, Name: "mallory", Password: "a new password"})
		}
		first, second := link(), link()
		_, err = use(first)
		wantKind(t, "a link that another took the place of", err, ballast.Denied)
		_, err = use(strings.Replace(second, fmt.Sprint(".", u.ID, "."), fmt.Sprint(".", v.ID, "."), 1))
		wantKind(t, "for another user", err, ballast.Denied)
		s, err := use(second)
		if err != nil || s.User.ID != u.ID || s.User.Name != "ada" {
			t.Fatalf("%+v, %v", s, err)
		}
		if _, err := a.BySession(t.Context(), s.Cookie, false); err != nil {
			t.Errorf("the new session: %v", err)
		}
		_, err = a.BySession(t.Context(), old.Cookie, false)
		wantKind(t, "the old session", err, ballast.Unsigned)
		if _, err := signIn(a, t, "ada", "a new password", "2"); err != nil {
			t.Errorf("the new password: %v", err)
		}
		_, err = use(second)
		wantKind(t, "twice", err, ballast.Denied)
		late := link()
		c.move(time.Hour)
		_, err = use(late)
		wantKind(t, "too late", err, ballast.Denied)
		_, err = a.RescueToken(t.Context(), 999, time.Hour)
		wantKind(t, "nobody", err, ballast.NotFound)
	})
}
