package auth

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// known is what the store said about a key or a cookie.
type known struct {
	user    ballast.User
	key     *ballast.Key
	session *ballast.Session
	until   time.Time // when to ask again
}

func (k known) caller(useAdmin bool) *Caller {
	return &Caller{User: k.user, Key: k.key, Session: k.session, AdminPrivileges: useAdmin && k.user.Admin}
}

// maxKey bounds a key that is sent, in bytes.
const maxKey = 4096

// ByKey returns whose an API key is. An unknown, expired or revoked key, and
// one of a disabled user, is Unsigned. useAdmin says that the request asks to
// act as an admin of the instance; it counts for those who are.
func (a *Auth) ByKey(ctx context.Context, key string, useAdmin bool) (*Caller, error) {
	if len(key) > maxKey || key == "" {
		return nil, ballast.Errorf(ballast.Unsigned, "the API key is empty or longer than %d characters", maxKey)
	}
	mac := a.secrets[0].mac(forKey, key)
	k, err := a.remembered(ctx, mac, func(ctx context.Context) (known, error) { return a.readKey(ctx, key) })
	if err != nil {
		return nil, err
	}
	now := a.now()
	switch {
	case !k.key.Revoked.IsZero():
		return nil, ballast.Errorf(ballast.Unsigned, "this API key was revoked: make a new one in your settings")
	case !k.key.Expires.IsZero() && !now.Before(k.key.Expires):
		return nil, ballast.Errorf(ballast.Unsigned, "this API key expired on %s: make a new one in your settings", k.key.Expires.Format(time.DateOnly))
	case k.user.Disabled:
		return nil, disabled(k.user)
	}
	a.used.key(k.key.ID, k.key.LastUsed, now)
	return k.caller(useAdmin), nil
}

func disabled(u ballast.User) error {
	return ballast.Errorf(ballast.Unsigned, "user %s is disabled: ask an admin of this server", u.Name)
}

// remembered answers from the cache, or asks the store, once however many
// requests wait for the same answer.
func (a *Auth) remembered(ctx context.Context, mac [32]byte, read func(context.Context) (known, error)) (known, error) {
	if k, ok := a.callers.Get(mac); ok && a.now().Before(k.until) {
		return k, nil
	}
	asked := a.now()
	got := a.looking.DoChan(string(mac[:]), func() (any, error) {
		// The read serves all who wait, so one of them leaving must not end it.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		k, err := read(ctx)
		if err != nil {
			return known{}, err
		}
		k.until = asked.Add(remember)
		a.callers.Add(mac, k)
		return k, nil
	})
	select {
	case r := <-got:
		if r.Err != nil {
			return known{}, r.Err
		}
		return r.Val.(known), nil
	case <-ctx.Done():
		return known{}, ballast.Wrap(ballast.Unavailable, ctx.Err(), "gave up waiting to learn who is calling")
	}
}

// readKey asks the store. A key that is stored under an older secret moves to
// the signing one.
func (a *Auth) readKey(ctx context.Context, key string) (k known, err error) {
	macs := a.macs(forKey, key)
	var found ballast.Key
	err = a.db.Read(ctx, func(tx *meta.Tx) error {
		found, k.user, err = tx.KeyByMAC(macs[0])
		return err
	})
	if ballast.Is(err, ballast.NotFound) && len(macs) > 1 {
		err = a.db.Read(ctx, func(tx *meta.Tx) error {
			found, k.user, err = tx.KeyByMAC(macs[1:]...)
			return err
		})
		if err == nil {
			a.used.remac(found.ID, macs[0])
		}
	}
	if ballast.Is(err, ballast.NotFound) {
		return k, ballast.Errorf(ballast.Unsigned, "this API key is not known to this server: copy one from your settings there, or ask for the key to be imported")
	}
	k.key = &found
	return k, err
}

// ByAuthorization returns who an Authorization header is from: "Basic" with
// the key as password, as the SDK sends it, or "Bearer" with the key. An empty
// header is nobody.
func (a *Auth) ByAuthorization(ctx context.Context, header string, useAdmin bool) (*Caller, error) {
	if header == "" {
		return &Caller{}, nil
	}
	scheme, rest, _ := strings.Cut(header, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case len(rest) > 2*maxKey:
	case strings.EqualFold(scheme, "Bearer"):
		return a.ByKey(ctx, rest, useAdmin)
	case strings.EqualFold(scheme, "Basic"):
		text, err := base64.StdEncoding.DecodeString(rest)
		if err != nil {
			break
		}
		name, key, colon := strings.Cut(string(text), ":")
		if colon && key == "" { // some clients send the key as the name
			key = name
		}
		if colon {
			return a.ByKey(ctx, key, useAdmin)
		}
	}
	return nil, ballast.Errorf(ballast.Unsigned, `the Authorization header is neither "Basic base64(api:KEY)" nor "Bearer KEY"`)
}

// NewKey makes an API key for a user and returns it: it cannot be shown again.
// A zero expires is never.
func (a *Auth) NewKey(ctx context.Context, userID int64, name string, expires time.Time) (secret string, key ballast.Key, err error) {
	// Forty hexadecimal digits behind a prefix: the one form that every version
	// of the SDK takes (older ones want exactly forty).
	var b [20]byte
	rand.Read(b[:])
	secret = "local-" + hex.EncodeToString(b[:])
	key, err = a.storeKey(ctx, userID, name, secret, expires)
	return secret, key, err
}

// ImportKey stores a key that a person brings along, of any shape that the SDK
// takes.
func (a *Auth) ImportKey(ctx context.Context, userID int64, name, secret string, expires time.Time) (ballast.Key, error) {
	secret = strings.TrimSpace(secret)
	if err := CheckKey(secret); err != nil {
		return ballast.Key{}, err
	}
	return a.storeKey(ctx, userID, name, secret, expires)
}

func (a *Auth) storeKey(ctx context.Context, userID int64, name, secret string, expires time.Time) (key ballast.Key, err error) {
	now := a.now()
	if !expires.IsZero() && !expires.After(now) {
		return key, ballast.Errorf(ballast.Invalid, "the key would have expired already, on %s", expires.Format(time.RFC3339))
	}
	if name == "" {
		name = "key of " + now.UTC().Format(time.DateOnly)
	}
	signer := a.secrets[0]
	macs := a.macs(forKey, secret)
	err = a.db.Write(ctx, "create key", func(tx *meta.Tx) error {
		if len(macs) > 1 { // the same key may be there under an older secret
			if _, _, err := tx.KeyByMAC(macs[1:]...); err == nil {
				return ballast.Errorf(ballast.Conflict, "this key exists already, or did and was revoked")
			} else if !ballast.Is(err, ballast.NotFound) {
				return err
			}
		}
		key, err = tx.CreateKey(ballast.Key{UserID: userID, Name: name, Hint: hint(secret), Created: now, Expires: expires}, macs[0], signer.ID)
		return err
	})
	return key, err
}

// hint is what tells keys apart on a screen.
func hint(secret string) string {
	r := []rune(secret)
	return string(r[max(0, len(r)-4):])
}

// RevokeKey ends a key: here at once, everywhere within five seconds.
func (a *Auth) RevokeKey(ctx context.Context, id int64) error {
	var k ballast.Key
	err := a.db.Write(ctx, "revoke key", func(tx *meta.Tx) (err error) {
		if k, err = tx.Key(id); err != nil {
			return err
		}
		return tx.RevokeKey(id, a.now())
	})
	if err == nil {
		a.Forget(k.UserID)
	}
	return err
}

// The shapes that the SDK takes (PROTOCOL section 1.1). Its \w is a letter or
// digit of any script, or '_'.
var (
	threeParts = regexp.MustCompile(`^[\p{L}\p{N}_-]+\.[\p{L}\p{N}_-]+\.[\p{L}\p{N}_-]+$`)
	plainKey   = regexp.MustCompile(`^[\p{L}\p{N}_-]+$`)
)

// CheckKey says why the SDK would not take a key: it is three segments with
// dots between, or an optional prefix up to the first '-' and then at least
// forty letters, digits, '_' or '-'.
func CheckKey(key string) error {
	if len(key) > maxKey {
		return ballast.Errorf(ballast.Invalid, "the key has %d bytes, at most %d are allowed", len(key), maxKey)
	}
	if strings.ContainsAny(key, "\n\r\t\x00") || !utf8.ValidString(key) {
		return ballast.Errorf(ballast.Invalid, "the key contains a line break or another control character")
	}
	if threeParts.MatchString(key) {
		return nil
	}
	secret := key
	if _, rest, ok := strings.Cut(key, "-"); ok {
		secret = rest
	}
	if !plainKey.MatchString(secret) {
		return ballast.Errorf(ballast.Invalid, "the key may only contain letters, digits, '_' and '-' after its prefix")
	}
	if n := utf8.RuneCountInString(secret); n < 40 {
		return ballast.Errorf(ballast.Invalid, "the key has %d characters after its prefix, at least 40 are needed", n)
	}
	return nil
}
