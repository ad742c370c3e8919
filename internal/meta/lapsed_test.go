package meta_test

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// TestDropLapsed keeps invitations and links that count, that ended lately, and
// links without an end.
func TestDropLapsed(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		now := time.Now().UTC().Truncate(time.Second)
		ends := []time.Time{now.Add(-48 * time.Hour), now.Add(-time.Hour), now.Add(time.Hour), {}}
		var kept []string
		err := db.Write(t.Context(), "test", func(tx *meta.Tx) error {
			for i, end := range ends {
				if !end.IsZero() {
					if _, err := tx.CreateInvite(ballast.Invite{EntityID: 1, Role: ballast.Viewer, Created: now, Expires: end}, sha256.Sum256(fmt.Append(nil, "i", i))); err != nil {
						return err
					}
				}
				if _, err := tx.CreateShare(ballast.Share{ProjectID: 1, Created: now, Expires: end}, sha256.Sum256(fmt.Append(nil, "s", i))); err != nil {
					return err
				}
			}
			if err := tx.DropLapsed(now.Add(-24 * time.Hour)); err != nil {
				return err
			}
			long := now.Add(-100 * time.Hour) // as if it were then: none has ended
			invites, err := tx.Invites(1, long)
			if err != nil {
				return err
			}
			for _, i := range invites {
				kept = append(kept, "invite "+i.Expires.Sub(now).String())
			}
			shares, err := tx.Shares(1, long)
			for _, s := range shares {
				if s.Expires.IsZero() {
					kept = append(kept, "share for good")
					continue
				}
				kept = append(kept, "share "+s.Expires.Sub(now).String())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"invite 1h0m0s", "invite -1h0m0s", "share for good", "share 1h0m0s", "share -1h0m0s"}
		if d := cmp.Diff(want, kept); d != "" {
			t.Errorf("kept (-want +got):\n%s", d)
		}
	})
}
