package auth_test

import (
	"context"
	"encoding/base64"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/auth/authtest"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// clock is a time that tests move.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Now().UnixMicro())
	return c
}

func (c *clock) now() time.Time       { return time.UnixMicro(c.at.Load()).UTC() }
func (c *clock) move(d time.Duration) { c.at.Add(d.Microseconds()) }

var oldSecret = auth.Secret{ID: "old", Secret: []byte("the secret of last year")}
var newSecret = auth.Secret{ID: "new", Secret: []byte("the secret of this year")}

func open(t *testing.T, db *meta.DB, c *clock, secrets ...auth.Secret) *auth.Auth {
	t.Helper()
	a, err := auth.New(db, secrets, auth.Options{Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func newUser(t *testing.T, db *meta.DB, name, hash string) (u ballast.User) {
	t.Helper()
	err := db.Write(t.Context(), "create", func(tx *meta.Tx) (err error) {
		u, err = tx.CreateUser(ballast.User{Name: name, Email: name + "@example.com"}, hash)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func wantKind(t *testing.T, what string, err error, kind ballast.Kind) {
	t.Helper()
	if !ballast.Is(err, kind) {
		t.Errorf("%s: %v, want kind %v", what, err, kind)
	}
}

func TestNewKey(t *testing.T) {
	db, c := metatest.Open(t), newClock()
	a := open(t, db, c, newSecret)
	u := newUser(t, db, "ada", "")
	secret, key, err := a.NewKey(t.Context(), u.ID, "laptop", c.now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^local-[0-9a-f]{40}$`).MatchString(secret) || key.Hint != secret[len(secret)-4:] {
		t.Errorf("key %q with hint %q", secret, key.Hint)
	}
	caller, err := a.ByKey(t.Context(), secret, true)
	if err != nil || caller.User.ID != u.ID || caller.Key.ID != key.ID || caller.AdminPrivileges {
		t.Fatalf("%+v, %v", caller, err)
	}
	for name, header := range map[string]string{
		"Basic":       "Basic " + base64.StdEncoding.EncodeToString([]byte("api:"+secret)),
		"basic":       "basic " + base64.StdEncoding.EncodeToString([]byte("anybody:"+secret)),
		"key as name": "Basic " + base64.StdEncoding.EncodeToString([]byte(secret+":")),
		"Bearer":      "Bearer " + secret,
	} {
		if caller, err := a.ByAuthorization(t.Context(), header, false); err != nil || caller.User.ID != u.ID {
			t.Errorf("%s: %v", name, err)
		}
	}
	if nobody, err := a.ByAuthorization(t.Context(), "", true); err != nil || nobody.Signed() {
		t.Errorf("no header: %+v, %v", nobody, err)
	}
	for _, header := range []string{"Basic ???", "Basic " + base64.StdEncoding.EncodeToString([]byte("api")), "Digest x", "Bearer", "Bearer " + secret + "x",
		"Basic " + base64.StdEncoding.EncodeToString([]byte("api:")), "Bearer " + strings.Repeat("x", 20_000)} {
		_, err := a.ByAuthorization(t.Context(), header, false)
		wantKind(t, header[:min(len(header), 40)], err, ballast.Unsigned)
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("the error shows the key: %v", err)
		}
	}
	c.move(time.Hour)
	_, err = a.ByKey(t.Context(), secret, false)
	wantKind(t, "expired", err, ballast.Unsigned)
	_, _, err = a.NewKey(t.Context(), u.ID, "late", c.now())
	wantKind(t, "made expired", err, ballast.Invalid)
}

func TestCheckKey(t *testing.T) {
	forty := strings.Repeat("a1_B", 10)
	for key, good := range map[string]bool{
		forty: true, "local-" + forty: true, "user_w-1-" + forty: true, forty + forty: true, "a.b.c": true, "he-ader.pay_load.sig-1": true,
		"any prefix!-" + forty: true, "-" + forty: true, strings.Repeat("é", 40): true,
		"": false, forty[1:]: false, "local-" + forty[1:]: false, "local-" + forty + " x": false, "a.b": false, "a..c": false, "a.b.c.d": false,
		forty + "!": false, "x" + forty[:20] + "-" + forty[20:]: false, forty + "\n": false, "p\n-" + forty: false, strings.Repeat("a", 5000): false, "local-" + forty + "\xff": false,
	} {
		if err := auth.CheckKey(key); (err == nil) != good {
			t.Errorf("%.60q: %v, want good %v", key, err, good)
		}
	}
}

func TestImportKey(t *testing.T) {
	db, c := metatest.Open(t), newClock()
	a := open(t, db, c, newSecret, oldSecret)
	u, v := newUser(t, db, "ada", ""), newUser(t, db, "bob", "")
	for _, key := range []string{"local-" + strings.Repeat("x", 40), "aa.bb.cc", strings.Repeat("é", 86)} {
		if _, err := a.ImportKey(t.Context(), u.ID, "", " "+key+"\n", time.Time{}); err != nil {
			t.Fatal(err)
		}
		if caller, err := a.ByKey(t.Context(), key, false); err != nil || caller.User.ID != u.ID {
			t.Errorf("%.20s: %v", key, err)
		}
		_, err := a.ImportKey(t.Context(), v.ID, "", key, time.Time{})
		wantKind(t, "another's", err, ballast.Conflict)
	}
	_, err := a.ImportKey(t.Context(), u.ID, "", "too short", time.Time{})
	wantKind(t, "bad shape", err, ballast.Invalid)
	// One that is stored under an older secret is the same key.
	old := open(t, db, c, oldSecret)
	key := "local-" + strings.Repeat("y", 40)
	if _, err := old.ImportKey(t.Context(), u.ID, "", key, time.Time{}); err != nil {
		t.Fatal(err)
	}
	_, err = a.ImportKey(t.Context(), v.ID, "", key, time.Time{})
	wantKind(t, "under an older secret", err, ballast.Conflict)
}

// TestRevoked: here at once, on another replica within five seconds.
func TestRevoked(t *testing.T) {
	db, c := metatest.Open(t), newClock()
	here, there := open(t, db, c, newSecret), open(t, db, c, newSecret)
	u := newUser(t, db, "ada", "")
	secret, key, err := here.NewKey(t.Context(), u.ID, "k", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []*auth.Auth{here, there} {
		if _, err := a.ByKey(t.Context(), secret, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := here.RevokeKey(t.Context(), key.ID); err != nil {
		t.Fatal(err)
	}
	_, err = here.ByKey(t.Context(), secret, false)
	wantKind(t, "here", err, ballast.Unsigned)
	c.move(4500 * time.Millisecond)
	_, err = there.ByKey(t.Context(), secret, false)
	wantKind(t, "there", err, ballast.Unsigned)

	// The same for a user who is disabled by another process.
	secret, _, _ = here.NewKey(t.Context(), u.ID, "k2", time.Time{})
	if _, err := here.ByKey(t.Context(), secret, false); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), "disable", func(tx *meta.Tx) error { return tx.SetUserDisabled(u.ID, true) }); err != nil {
		t.Fatal(err)
	}
	c.move(4500 * time.Millisecond)
	_, err = here.ByKey(t.Context(), secret, false)
	wantKind(t, "disabled", err, ballast.Unsigned)
	wantKind(t, "revoking what is not there", here.RevokeKey(t.Context(), 999), ballast.NotFound)
}

// TestSecretRotates: keys under the old secret go on working and move.
func TestSecretRotates(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		c := newClock()
		u := newUser(t, db, "ada", "")
		secret, key, err := open(t, db, c, oldSecret).NewKey(t.Context(), u.ID, "k", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		both := open(t, db, c, newSecret, oldSecret)
		if _, err := both.ByKey(ctx, secret, false); err != nil {
			t.Fatal(err)
		}
		_, err = open(t, db, c, newSecret).ByKey(ctx, secret, false)
		wantKind(t, "before it moved", err, ballast.Unsigned)
		stop()
		both.Run(ctx) // writes what is gathered
		caller, err := open(t, db, c, newSecret).ByKey(t.Context(), secret, false)
		if err != nil || caller.Key.ID != key.ID || !caller.Key.LastUsed.Equal(c.now()) {
			t.Errorf("after it moved: %+v, %v", caller, err)
		}
	})
}

// TestLastUse is written at most once a minute.
func TestLastUse(t *testing.T) {
	db, c := metatest.Open(t), newClock()
	a := open(t, db, c, newSecret)
	u := newUser(t, db, "ada", "")
	secret, key, err := a.NewKey(t.Context(), u.ID, "k", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	first := c.now()
	lastUse := func() (at time.Time) {
		t.Helper()
		ended, stop := context.WithCancel(t.Context())
		stop()
		a.Run(ended)
		err := db.Read(t.Context(), func(tx *meta.Tx) error { k, err := tx.Key(key.ID); at = k.LastUsed; return err })
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	use := func() {
		t.Helper()
		if _, err := a.ByKey(t.Context(), secret, false); err != nil {
			t.Fatal(err)
		}
	}
	use()
	if got := lastUse(); !got.Equal(first) {
		t.Errorf("last use %v, want %v", got, first)
	}
	c.move(30 * time.Second)
	use()
	if got := lastUse(); !got.Equal(first) {
		t.Errorf("half a minute later: %v, want %v still", got, first)
	}
	c.move(31 * time.Second)
	use()
	if got := lastUse(); !got.Equal(c.now()) {
		t.Errorf("a minute later: %v, want %v", got, c.now())
	}
}

// TestStoreDown: a fault of the store is Unavailable, never Unsigned: the SDK
// gives a run up on 401.
func TestStoreDown(t *testing.T) {
	c := authtest.New(t, metatest.Open(t))
	caller, err := c.Caller(t.Context(), "member")
	if err != nil {
		t.Fatal(err)
	}
	c.DB.Close()
	_, err = c.Caller(t.Context(), "viewer")
	wantKind(t, "key", err, ballast.Unavailable)
	_, err = c.Auth.BySession(t.Context(), "cookie", false)
	wantKind(t, "session", err, ballast.Unavailable)
	wantKind(t, "role", c.Auth.May(t.Context(), caller, auth.Read, auth.Object{Entity: c.Red}), ballast.Unavailable)
	if _, err := c.Caller(t.Context(), "member"); err != nil {
		t.Errorf("what is remembered: %v", err)
	}
}

// TestManyAtOnce: requests that miss together all get the answer, also when
// the first of them leaves.
func TestManyAtOnce(t *testing.T) {
	c := authtest.New(t, metatest.Open(t))
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			ctx := t.Context()
			if i%5 == 0 {
				var leave context.CancelFunc
				ctx, leave = context.WithCancel(ctx)
				leave()
			}
			caller, err := c.Caller(ctx, "member")
			if i%5 != 0 && (err != nil || caller.User.Name != "member-user") {
				t.Errorf("%+v, %v", caller, err)
			}
			if err != nil && !ballast.Is(err, ballast.Unavailable) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
