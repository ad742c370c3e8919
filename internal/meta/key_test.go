package meta_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

func TestKey(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		u := newUser(t, db, "ada")
		mac := [32]byte{0, 1, 0xff, ' '}
		k := ballast.Key{UserID: u.ID, Name: "laptop", Hint: "beef", Created: start, Expires: start.Add(time.Hour)}
		write(t, db, func(tx *meta.Tx) (err error) { k, err = tx.CreateKey(k, mac, "s1"); return err })
		look := func(macs ...[32]byte) (ballast.Key, ballast.User) {
			t.Helper()
			var owner ballast.User
			key := get(t, db, func(tx *meta.Tx) (k ballast.Key, err error) { k, owner, err = tx.KeyByMAC(macs...); return k, err })
			return key, owner
		}
		got, owner := look([32]byte{9}, mac)
		if diff := cmp.Diff(k, got); diff != "" || owner.ID != u.ID || owner.EntityID != u.EntityID {
			t.Errorf("key of %d (-created +read):\n%s", owner.ID, diff)
		}
		trimmed := mac
		trimmed[3] = 0
		missing(t, db, func(tx *meta.Tx) (ballast.Key, error) { k, _, err := tx.KeyByMAC(trimmed); return k, err })
		refused(t, db, ballast.Conflict, func(tx *meta.Tx) error { _, err := tx.CreateKey(k, mac, "s2"); return err })

		used, revoked := start.Add(time.Minute), start.Add(2*time.Minute)
		write(t, db, func(tx *meta.Tx) error {
			if err := tx.TouchKeys(map[int64]time.Time{k.ID: used, 999: used}); err != nil {
				return err
			}
			if err := tx.TouchKeys(map[int64]time.Time{k.ID: start}); err != nil { // late news
				return err
			}
			if err := tx.RevokeKey(k.ID, revoked); err != nil {
				return err
			}
			return tx.RevokeKey(k.ID, revoked.Add(time.Hour))
		})
		k.LastUsed, k.Revoked = used, revoked
		got, owner = look(mac)
		if diff := cmp.Diff(k, got); diff != "" || !owner.LastSeen.Equal(used) {
			t.Errorf("user last seen %v; key (-want +got):\n%s", owner.LastSeen, diff)
		}
		refused(t, db, ballast.NotFound, func(tx *meta.Tx) error { return tx.RevokeKey(999, revoked) })

		other := [32]byte{7}
		write(t, db, func(tx *meta.Tx) error { return tx.RemacKey(k.ID, other, "s2") })
		look(other)
		missing(t, db, func(tx *meta.Tx) (ballast.Key, error) { k, _, err := tx.KeyByMAC(mac); return k, err })
		if n := get(t, db, func(tx *meta.Tx) (map[string]int, error) { return tx.KeysUnder() }); len(n) != 0 {
			t.Errorf("live keys %v, want none", n)
		}
	})
}

func TestTooManyKeys(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		u := newUser(t, db, "ada")
		add := func(tx *meta.Tx, i byte, k ballast.Key) error {
			k.UserID = u.ID
			_, err := tx.CreateKey(k, [32]byte{i}, "s")
			return err
		}
		write(t, db, func(tx *meta.Tx) error {
			for i := range meta.MaxKeys - 1 {
				if err := add(tx, byte(i), ballast.Key{}); err != nil {
					return err
				}
			}
			return add(tx, 200, ballast.Key{Created: start, Expires: start.Add(time.Second)}) // expired: does not count
		})
		write(t, db, func(tx *meta.Tx) error { return add(tx, 201, ballast.Key{}) })
		refused(t, db, ballast.Conflict, func(tx *meta.Tx) error { return add(tx, 202, ballast.Key{}) })
		all := get(t, db, func(tx *meta.Tx) ([]ballast.Key, error) { return tx.Keys(u.ID) })
		if len(all) != meta.MaxKeys+1 || all[0].ID < all[1].ID {
			t.Fatalf("%d keys", len(all))
		}
		write(t, db, func(tx *meta.Tx) error { return tx.RevokeKey(all[0].ID, start) })
		write(t, db, func(tx *meta.Tx) error { return add(tx, 203, ballast.Key{}) })
	})
}

func TestSession(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		u := newUser(t, db, "ada")
		var s [2]ballast.Session
		write(t, db, func(tx *meta.Tx) (err error) {
			for i := range s {
				s[i], err = tx.CreateSession(ballast.Session{UserID: u.ID, Agent: "Firefox", Created: start, Expires: start.Add(time.Duration(i+1) * time.Hour)}, [32]byte{byte(i)})
				if err != nil {
					return err
				}
			}
			return tx.TouchSessions(map[int64]time.Time{s[1].ID: start.Add(time.Minute)}, 3*time.Hour)
		})
		s[1].LastUsed, s[1].Expires = start.Add(time.Minute), start.Add(time.Minute+3*time.Hour)
		if diff := cmp.Diff([]ballast.Session{s[1], s[0]}, get(t, db, func(tx *meta.Tx) ([]ballast.Session, error) { return tx.Sessions(u.ID) })); diff != "" {
			t.Errorf("sessions (-want +got):\n%s", diff)
		}
		got := get(t, db, func(tx *meta.Tx) (s ballast.Session, err error) {
			s, _, err = tx.SessionByMAC([32]byte{9}, [32]byte{1})
			return s, err
		})
		if diff := cmp.Diff(s[1], got); diff != "" {
			t.Errorf("session (-want +got):\n%s", diff)
		}
		write(t, db, func(tx *meta.Tx) error { return tx.DeleteExpiredSessions(start.Add(90 * time.Minute)) })
		missing(t, db, func(tx *meta.Tx) (ballast.Session, error) { s, _, err := tx.SessionByMAC([32]byte{0}); return s, err })
		write(t, db, func(tx *meta.Tx) error { return tx.DeleteSession(s[1].ID) })
		write(t, db, func(tx *meta.Tx) error { return tx.DeleteSessionsOf(u.ID) })
		missing(t, db, func(tx *meta.Tx) (ballast.Session, error) { s, _, err := tx.SessionByMAC([32]byte{1}); return s, err })
	})
}

func TestSetting(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		type setting struct {
			Value string
			Rev   int64
		}
		read := func() setting {
			t.Helper()
			return get(t, db, func(tx *meta.Tx) (setting, error) {
				v, rev, err := tx.Setting("colour")
				return setting{string(v), rev}, err
			})
		}
		if got := read(); got != (setting{}) {
			t.Fatalf("absent: %+v", got)
		}
		write(t, db, func(tx *meta.Tx) error { return tx.SetSetting("colour", []byte("red\x00\xff"), 0) })
		refused(t, db, ballast.Conflict, func(tx *meta.Tx) error { return tx.SetSetting("colour", nil, 0) })
		refused(t, db, ballast.Conflict, func(tx *meta.Tx) error { return tx.SetSetting("colour", nil, 2) })
		if got := read(); got != (setting{"red\x00\xff", 1}) {
			t.Fatalf("first: %+v", got)
		}
		write(t, db, func(tx *meta.Tx) error { return tx.SetSetting("colour", []byte("blue"), 1) })
		write(t, db, func(tx *meta.Tx) error { return tx.SetSetting("colour", nil, -1) })
		if got := read(); got != (setting{"", 3}) {
			t.Fatalf("third: %+v", got)
		}
		write(t, db, func(tx *meta.Tx) error { return tx.DeleteSetting("colour") })
		write(t, db, func(tx *meta.Tx) error { return tx.DeleteSetting("colour") })
		if got := read(); got != (setting{}) {
			t.Fatalf("deleted: %+v", got)
		}
	})
}
