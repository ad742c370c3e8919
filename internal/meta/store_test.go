package meta_test

import (
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/google/go-cmp/cmp"
)

func TestStores(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		at := time.UnixMicro(5_000_000).UTC()
		for range 2 { // the second time they are known
			for i, place := range []string{"s3://one", "s3://two/deep?endpoint=http://127.0.0.1:9000"} {
				err := db.Write(t.Context(), "note", func(tx *meta.Tx) error {
					id, err := tx.EnsureStore(place, at)
					if id != i+1 {
						t.Errorf("EnsureStore(%s) = %d, want %d", place, id, i+1)
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		var got []ballast.Store
		err := db.Read(t.Context(), func(tx *meta.Tx) (err error) {
			got, err = tx.Stores()
			return err
		})
		want := []ballast.Store{{ID: 1, Place: "s3://one", Created: at}, {ID: 2, Place: "s3://two/deep?endpoint=http://127.0.0.1:9000", Created: at}}
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("Stores: %v (-want +got):\n%s", err, d)
		}
	})
}
