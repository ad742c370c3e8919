package metatest

import (
	"context"
	"testing"

	"github.com/ballast-ml/ballast/internal/meta"
)

func TestMain(m *testing.M) { Main(m) }

func TestEach(t *testing.T) {
	Each(t, func(t *testing.T, db *meta.DB) {
		v, err := db.SchemaVersion(context.Background())
		if err != nil || v < 1 {
			t.Fatalf("schema %d, %v", v, err)
		}
	})
}
