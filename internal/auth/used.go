package auth

import (
	"context"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/ballast-ml/ballast/internal/meta"
)

// used gathers last uses off the request's path, so that one write a while
// stores them all.
type used struct {
	mu       sync.Mutex
	keys     map[int64]time.Time
	sessions map[int64]time.Time
	macs     map[int64][32]byte             // keys to move to the signing secret
	noted    *lru.Cache[usedKey, time.Time] // when a use was last gathered
}

type usedKey struct {
	session bool
	id      int64
}

func (u *used) init() (err error) {
	u.reset()
	u.noted, err = lru.New[usedKey, time.Time](cached)
	return err
}

func (u *used) reset() {
	u.keys, u.sessions, u.macs = map[int64]time.Time{}, map[int64]time.Time{}, map[int64][32]byte{}
}

// due reports whether a use is a minute later than the last that was stored
// or gathered.
func (u *used) due(k usedKey, stored, now time.Time) bool {
	if now.Sub(stored) < time.Minute {
		return false
	}
	if t, ok := u.noted.Get(k); ok && now.Sub(t) < time.Minute {
		return false
	}
	u.noted.Add(k, now)
	return true
}

func (u *used) key(id int64, stored, now time.Time) {
	if u.due(usedKey{false, id}, stored, now) {
		u.mu.Lock()
		u.keys[id] = now
		u.mu.Unlock()
	}
}

func (u *used) session(id int64, stored, now time.Time) {
	if u.due(usedKey{true, id}, stored, now) {
		u.mu.Lock()
		u.sessions[id] = now
		u.mu.Unlock()
	}
}

func (u *used) remac(id int64, mac [32]byte) {
	u.mu.Lock()
	u.macs[id] = mac
	u.mu.Unlock()
}

// flush writes what was gathered. What cannot be written is lost: the next use
// brings it again.
func (a *Auth) flush(ctx context.Context) {
	a.used.mu.Lock()
	keys, sessions, macs := a.used.keys, a.used.sessions, a.used.macs
	a.used.reset()
	a.used.mu.Unlock()
	if len(keys)+len(sessions)+len(macs) == 0 {
		return
	}
	err := a.db.Write(ctx, "note last uses", func(tx *meta.Tx) error {
		for id, mac := range macs {
			if err := tx.RemacKey(id, mac, a.secrets[0].ID); err != nil {
				return err
			}
		}
		if err := tx.TouchKeys(keys); err != nil {
			return err
		}
		return tx.TouchSessions(sessions, a.life)
	})
	if err != nil {
		a.log.WarnContext(ctx, "last uses of keys and sessions were not noted", "error", err)
	}
}
