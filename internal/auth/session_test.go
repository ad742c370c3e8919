package auth_test

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"golang.org/x/crypto/argon2"
)

const password = "correct horse battery"

func signIn(a *auth.Auth, t *testing.T, name, password, address string) (auth.Signed, error) {
	return a.SignIn(t.Context(), auth.SignInRequest{Name: name, Password: password, Agent: "Firefox", Address: address})
}

func hash(t *testing.T) string {
	t.Helper()
	h, err := auth.HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestSignIn(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		c := newClock()
		a := open(t, db, c, newSecret)
		u := newUser(t, db, "ada", hash(t))
		newUser(t, db, "keyonly", "")
		for _, name := range []string{"ada", "ADA", "ada@Example.com"} {
			s, err := signIn(a, t, name, password, "10.0.0.1")
			if err != nil || s.User.ID != u.ID || len(s.Cookie) != 43 {
				t.Fatalf("%s: %+v, %v", name, s, err)
			}
			caller, err := a.BySession(t.Context(), s.Cookie, true)
			if err != nil || caller.User.ID != u.ID || caller.Session.Agent != "Firefox" || caller.AdminPrivileges {
				t.Fatalf("%+v, %v", caller, err)
			}
		}
		var texts []string
		for _, try := range [][2]string{{"ada", "wrong password"}, {"nobody", password}, {"keyonly", ""}, {"keyonly", password}, {"", password}, {"ada", ""}, {"ada", strings.Repeat("x", 1<<20)}} {
			_, err := signIn(a, t, try[0], try[1], "10.0.0.2")
			wantKind(t, try[0], err, ballast.Unsigned)
			if err != nil {
				texts = append(texts, err.Error())
			}
		}
		for _, text := range texts {
			if text != texts[0] {
				t.Errorf("refusals can be told apart: %q and %q", text, texts[0])
			}
		}
		if err := db.Write(t.Context(), "disable", func(tx *meta.Tx) error { return tx.SetUserDisabled(u.ID, true) }); err != nil {
			t.Fatal(err)
		}
		_, err := signIn(a, t, "ada", password, "10.0.0.3")
		wantKind(t, "disabled", err, ballast.Unsigned)
		if _, err := signIn(a, t, "ada", "wrong password", "10.0.0.3"); err == nil || err.Error() != texts[0] {
			t.Errorf("a wrong password of a disabled user tells: %v", err)
		}
	})
}

func TestSessionEnds(t *testing.T) {
	db, c := metatest.Open(t), newClock()
	a := open(t, db, c, newSecret)
	u := newUser(t, db, "ada", hash(t))
	s, err := signIn(a, t, "ada", password, "1")
	if err != nil {
		t.Fatal(err)
	}
	flush := func() {
		ended, stop := context.WithCancel(t.Context())
		stop()
		a.Run(ended)
	}
	// Used every twenty days it goes on; unused it ends after thirty.
	for range 3 {
		c.move(20 * 24 * time.Hour)
		if _, err := a.BySession(t.Context(), s.Cookie, false); err != nil {
			t.Fatal(err)
		}
		flush()
	}
	c.move(31 * 24 * time.Hour)
	_, err = a.BySession(t.Context(), s.Cookie, false)
	wantKind(t, "unused", err, ballast.Unsigned)

	s, _ = signIn(a, t, "ada", password, "1")
	other, _ := signIn(a, t, "ada", password, "1")
	for range 2 {
		if err := a.SignOut(t.Context(), s.Cookie); err != nil {
			t.Fatal(err)
		}
	}
	_, err = a.BySession(t.Context(), s.Cookie, false)
	wantKind(t, "signed out", err, ballast.Unsigned)
	if _, err := a.BySession(t.Context(), other.Cookie, false); err != nil {
		t.Errorf("another session: %v", err)
	}
	third, _ := signIn(a, t, "ada", password, "1")
	if err := a.SetPassword(t.Context(), u.ID, "another password", third.Session.ID); err != nil {
		t.Fatal(err)
	}
	_, err = a.BySession(t.Context(), other.Cookie, false)
	wantKind(t, "after a change of password", err, ballast.Unsigned)
	if _, err := a.BySession(t.Context(), third.Cookie, false); err != nil {
		t.Errorf("the session that changed it: %v", err)
	}
	_, err = signIn(a, t, "ada", password, "1")
	wantKind(t, "the old password", err, ballast.Unsigned)
	for _, cookie := range []string{"x", strings.Repeat("x", 5000), third.Cookie[1:]} {
		_, err = a.BySession(t.Context(), cookie, false)
		wantKind(t, "no such session", err, ballast.Unsigned)
	}
	if nobody, err := a.BySession(t.Context(), "", false); err != nil || nobody.Signed() {
		t.Errorf("no cookie: %v", err)
	}
	// A session's cookie is no API key, nor the other way round.
	_, err = a.ByKey(t.Context(), third.Cookie, false)
	wantKind(t, "a cookie as key", err, ballast.Unsigned)
}

func TestTooManyGuesses(t *testing.T) {
	db, c := metatest.Open(t), newClock()
	a := open(t, db, c, newSecret)
	newUser(t, db, "ada", hash(t))
	guess := func(name, address string) error { _, err := signIn(a, t, name, "a wrong guess", address); return err }
	for range 10 {
		wantKind(t, "a guess", guess("ada", "evil"), ballast.Unsigned)
	}
	wantKind(t, "one too many", guess("ADA", "evil"), ballast.Busy)
	if _, err := signIn(a, t, "ada", password, "home"); err != nil {
		t.Errorf("the person themselves, elsewhere: %v", err)
	}
	c.move(time.Minute)
	if _, err := signIn(a, t, "ada", password, "evil"); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

func TestPassword(t *testing.T) {
	h := hash(t)
	if !strings.HasPrefix(h, "$argon2id$v=19$m=19456,t=2,p=1$") || h == hash(t) {
		t.Errorf("hash %s", h)
	}
	for guess, want := range map[string]bool{password: true, password + " ": false, "": false, strings.ToUpper(password): false} {
		if ok, err := auth.VerifyPassword(h, guess); ok != want || err != nil {
			t.Errorf("%q: %v, %v", guess, ok, err)
		}
	}
	// A hash that another program made, with other costs.
	if ok, err := auth.VerifyPassword("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$"+base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte("password"), []byte("somesalt"), 1, 64, 1, 16)), "password"); !ok || err != nil {
		t.Errorf("a foreign hash: %v, %v", ok, err)
	}
	for _, bad := range []string{"", "x", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAA", strings.Replace(h, "m=19456", "m=99999999", 1), strings.Replace(h, "t=2", "t=0", 1),
		strings.Replace(h, "p=1", "p=0", 1), h[:len(h)-30], "$argon2id$v=19$m=64$c29tZXNhbHQ$AAAA"} {
		if ok, err := auth.VerifyPassword(bad, password); ok || err == nil {
			t.Errorf("%q: %v, %v", bad, ok, err)
		}
	}
	for _, bad := range []string{"", "seven77", strings.Repeat("x", 1001)} {
		_, err := auth.HashPassword(bad)
		wantKind(t, "too short or too long", err, ballast.Invalid)
	}
}

func FuzzVerifyPassword(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA", "x")
	f.Add("$argon2id$v=19$m=8,t=1,p=255$$", "")
	f.Fuzz(func(t *testing.T, phc, password string) {
		if strings.Contains(phc, "m=") && len(phc) > 200 {
			return
		}
		auth.VerifyPassword(phc, password)
	})
}
