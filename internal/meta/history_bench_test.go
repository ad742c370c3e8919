package meta_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// BenchmarkAppend stores pools of 64 runs: small requests of 300 bytes and
// large ones of 40 KB, a summary with each. ns/op is per request.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{300, 40_000} {
		b.Run(fmt.Sprint("sqlite/", size), func(b *testing.B) { benchAppend(b, metatest.Open(b), size) })
		b.Run(fmt.Sprint("mysql/", size), func(b *testing.B) { benchAppend(b, metatest.OpenMySQL(b), size) })
	}
}

func benchAppend(b *testing.B, db *meta.DB, size int) {
	const runs = 64
	var ids []int64
	err := db.Write(context.Background(), "making runs", func(tx *meta.Tx) error {
		e, err := tx.CreateEntity("team", ballast.Team, 0)
		if err != nil {
			return err
		}
		p, _, err := tx.EnsureProject(e.ID, "p", 0, start)
		if err != nil {
			return err
		}
		ids = ids[:0]
		for i := range runs {
			r, err := tx.CreateRun(ballast.Run{ProjectID: p.ID, Name: fmt.Sprint("r", i)})
			if err != nil {
				return err
			}
			ids = append(ids, r.ID)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	data, summary := make([]byte, size), make([]byte, 200)
	rand.Read(data)
	pool := make([]meta.Append, runs)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	line := int64(0)
	for n := 0; n < b.N; n += runs {
		for i := range pool {
			pool[i] = meta.Append{Run: ids[i], Summary: summary, History: &meta.Rows{Offset: line, Lines: 1, First: 1, Data: data}}
		}
		line++
		err := db.Write(context.Background(), "appending", func(tx *meta.Tx) error {
			_, err := tx.AppendStreams(pool, start)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
