package server

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// nowhere is a reply that nobody reads.
type nowhere struct{ h http.Header }

func (n *nowhere) Header() http.Header         { return n.h }
func (n *nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n *nowhere) WriteHeader(status int) {
	if status != http.StatusOK {
		panic(fmt.Sprint("status ", status))
	}
}

// BenchmarkStream is a small request of a file stream without the network:
// what the server itself costs beside the commit.
func BenchmarkStream(b *testing.B) {
	st := newStage(b, func(o *Options, _ *Deps) { o.Log = slog.New(slog.DiscardHandler) })
	const writers = 64
	for i := range writers {
		if err := st.DB.Write(b.Context(), "bench", func(tx *meta.Tx) error {
			_, err := tx.CreateRun(ballast.Run{ProjectID: st.Project.ID, Name: fmt.Sprint("b", i), UserID: st.Users["member"].ID})
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
	var writer atomic.Int64
	b.SetParallelism(writers)
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		path := fmt.Sprint("/files/red/secret/b", writer.Add(1)%writers, "/file_stream")
		for line := 0; p.Next(); line++ {
			body := rows(line, fmt.Sprintf(`{"_step":%d,"loss":%g}`, line, 1/float64(line+1)))
			r, _ := http.NewRequest("POST", path, io.NopCloser(strings.NewReader(body)))
			r.ContentLength = int64(len(body))
			r.Header.Set("Authorization", basic(st.Keys["member"]))
			r.Header.Set("Content-Type", "application/json")
			st.s.handler.ServeHTTP(&nowhere{http.Header{}}, r)
		}
	})
}
