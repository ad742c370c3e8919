package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/ballast-ml/ballast"
)

// The cost of a password: 19 MiB and two passes, the least that OWASP's
// password storage cheat sheet gives for argon2id.
const (
	hashMemory = 19 << 10 // KiB
	hashPasses = 2
	hashLanes  = 1
	hashSalt   = 16 // bytes
	hashSum    = 32 // bytes
)

// The bounds of a password, in characters.
const (
	MinPassword = 8
	maxPassword = 1000
)

// CheckPassword says why a new password is not taken.
func CheckPassword(password string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		return ballast.Errorf(ballast.Invalid, "the password has %d characters, at least %d are needed", n, MinPassword)
	case n > maxPassword:
		return ballast.Errorf(ballast.Invalid, "the password has %d characters, at most %d are allowed", n, maxPassword)
	}
	return nil
}

// HashPassword returns a password as argon2id in PHC form. It takes about
// 20 ms and 19 MiB.
func HashPassword(password string) (string, error) {
	if err := CheckPassword(password); err != nil {
		return "", err
	}
	var salt [hashSalt]byte
	rand.Read(salt[:])
	sum := argon2.IDKey([]byte(password), salt[:], hashPasses, hashMemory, hashLanes, hashSum)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashPasses, hashLanes,
		b64.EncodeToString(salt[:]), b64.EncodeToString(sum)), nil
}

// VerifyPassword reports whether a password is the one of a PHC text. An
// error says that the text is none.
func VerifyPassword(phc, password string) (bool, error) {
	p, err := parsePHC(phc)
	if err != nil {
		return false, err
	}
	sum := argon2.IDKey([]byte(password), p.salt, p.passes, p.memory, p.lanes, uint32(len(p.sum)))
	return subtle.ConstantTimeCompare(sum, p.sum) == 1, nil
}

type phcHash struct {
	memory, passes uint32
	lanes          uint8
	salt, sum      []byte
}

// parsePHC reads $argon2id$v=19$m=…,t=…,p=…$salt$sum within bounds that a
// stored text cannot exceed, lest a damaged one take all memory.
func parsePHC(text string) (p phcHash, err error) {
	bad := errors.New("the stored password is not argon2id in PHC form")
	part := strings.Split(text, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, bad
	}
	if n, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.lanes); n != 3 || err != nil {
		return p, bad
	}
	if p.memory < 8 || p.memory > 256<<10 || p.passes < 1 || p.passes > 16 || p.lanes < 1 || p.lanes > 16 {
		return p, bad
	}
	if p.salt, err = base64.RawStdEncoding.DecodeString(part[4]); err != nil || len(p.salt) < 8 || len(p.salt) > 64 {
		return p, bad
	}
	if p.sum, err = base64.RawStdEncoding.DecodeString(part[5]); err != nil || len(p.sum) < 16 || len(p.sum) > 64 {
		return p, bad
	}
	return p, nil
}

const (
	hashesAtOnce = 2  // bounds the memory of sign-ins, to 38 MiB
	hashesQueued = 32 // more are sent away
)

// hashing bounds how many passwords are looked at together.
type hashing struct {
	queue, run chan struct{}
}

func (h *hashing) init() {
	h.queue, h.run = make(chan struct{}, hashesQueued), make(chan struct{}, hashesAtOnce)
}

// do calls fn when it is its turn; Busy when too many wait.
func (h *hashing) do(ctx context.Context, fn func()) error {
	select {
	case h.queue <- struct{}{}:
		defer func() { <-h.queue }()
	default:
		return ballast.Errorf(ballast.Busy, "too many people are signing in: try again in a moment")
	}
	select {
	case h.run <- struct{}{}:
		defer func() { <-h.run }()
	case <-ctx.Done():
		return ballast.Wrap(ballast.Unavailable, ctx.Err(), "gave up waiting to check the password")
	}
	fn()
	return nil
}

// Hash is HashPassword within the bounds of this process.
func (a *Auth) Hash(ctx context.Context, password string) (phc string, err error) {
	if err := CheckPassword(password); err != nil {
		return "", err
	}
	if busy := a.hashing.do(ctx, func() { phc, err = HashPassword(password) }); busy != nil {
		return "", busy
	}
	return phc, err
}
