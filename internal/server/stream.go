package server

import (
	"bytes"
	"context"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/klauspost/compress/gzip"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/filestream"
	"github.com/ballast-ml/ballast/internal/ingest"
)

const streamPattern = "POST /files/{entity}/{project}/{run}/file_stream"

// The replies of a file stream. The SDK reads only "stopped"; the rest is what
// older clients look for.
var (
	streamReply = []byte(`{"exitcode":null,"limits":{}}`)
	streamStop  = []byte(`{"exitcode":null,"limits":{},"stopped":true}`)
)

const (
	maxWriter    = 64      // characters of a writer's id
	maxPooled    = 1 << 20 // larger buffers are left to the garbage collector
	gzipGrowth   = 8       // what a zipped body is first expected to become
	runCacheLife = 3 * time.Second
)

// fileStream takes what a run logged: it answers when that is durable.
// Memory is bounded before a byte is read, and again as a zipped body grows.
func fileStream(s *Server, w http.ResponseWriter, r *http.Request) error {
	if err := checkStreamType(r.Header.Get("Content-Type")); err != nil {
		return err
	}
	writer := r.Header.Get("X-Wandb-Async-Client-Id")
	if len(writer) > maxWriter || (writer != "" && !plainID(writer)) {
		return ballast.Errorf(ballast.Invalid, "X-WANDB-ASYNC-CLIENT-ID must be up to %d letters, digits, '-', '_' and '.'", maxWriter)
	}
	derive := strings.EqualFold(r.Header.Get("X-Wandb-Server-Side-Derived-Summary"), "true")
	ctx := r.Context()
	run, err := s.streamRun(ctx, r)
	if err != nil {
		return err
	}
	req, release, err := s.readStream(ctx, r)
	if err != nil {
		s.putOff(run.id, err)
		return err
	}
	defer release()
	if len(req.Uploaded) > 0 {
		if err := s.Files.Complete(ctx, ballast.Run{ID: run.id}, req.Uploaded); err != nil {
			return err
		}
	}
	reply, err := s.Ingest.Append(ctx, ingest.Request{RunID: run.id, Writer: writer, Derive: derive, Request: req})
	if err != nil {
		s.putOff(run.id, err)
		s.runs.forget(r)
		return err
	}
	h := w.Header()
	h["Content-Type"] = jsonType
	if reply.Stopped {
		_, err = w.Write(streamStop)
	} else {
		_, err = w.Write(streamReply)
	}
	return err
}

// putOff notes that a run lives although its request was not stored through no
// fault of its own.
func (s *Server) putOff(run int64, err error) {
	switch ballast.KindOf(err) {
	case ballast.Busy, ballast.Unavailable, ballast.Internal, ballast.Damaged:
		s.Ingest.Heard(run)
	}
}

// checkStreamType refuses what is clearly another format, the SDK's binary one
// for instance; old clients name odd types for JSON.
func checkStreamType(header string) error {
	if header == "application/json" || header == "" {
		return nil
	}
	kind, _, err := mime.ParseMediaType(header)
	if err != nil {
		return nil
	}
	if strings.Contains(kind, "json") {
		return nil
	}
	for _, foreign := range []string{"protobuf", "vnd.", "xml", "msgpack", "image/", "video/", "audio/", "multipart/"} {
		if strings.Contains(kind, foreign) {
			return ballast.Errorf(ballast.Unsupported, "the file stream takes application/json, not %.80q", kind)
		}
	}
	return nil
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readStream reads and decodes the body. release gives back the memory that
// was reserved for it; it is called when the request is answered.
func (s *Server) readStream(ctx context.Context, r *http.Request) (_ *filestream.Request, release func(), err error) {
	size := r.ContentLength
	if size < 0 {
		size = 64 << 10 // chunked: no SDK does; what it grows to is bounded by the route
	}
	zipped := strings.EqualFold(r.Header.Get("Content-Encoding"), "gzip")
	if zipped {
		size = min(size*gzipGrowth, s.opt.StreamBytes)
	}
	first, err := s.Ingest.Reserve(ctx, size)
	if err != nil {
		return nil, nil, err
	}
	release = first
	req, err := s.decodeStream(ctx, r, zipped, func(have int64) error {
		if have <= size {
			return nil
		}
		more, err := s.Ingest.Reserve(ctx, have-size)
		if err != nil {
			return err
		}
		release = func() { more(); first() }
		return nil
	})
	if err != nil {
		release()
		return nil, nil, err
	}
	return req, release, nil
}

// decodeStream reads the body into a buffer that is used again, and decodes
// it there. grown is told the size before more memory is used for it.
func (s *Server) decodeStream(ctx context.Context, r *http.Request, zipped bool, grown func(int64) error) (*filestream.Request, error) {
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	defer func() {
		if buf.Cap() <= maxPooled {
			buffers.Put(buf)
		}
	}()
	if err := s.fill(buf, r, zipped); err != nil {
		return nil, err
	}
	s.metrics.bytes.Add(float64(buf.Len()))
	if err := grown(int64(buf.Len())); err != nil {
		return nil, err
	}
	return s.decode(ctx, buf.Bytes())
}

// fill reads the body, unzipped when it says so, up to the limit.
func (s *Server) fill(buf *bytes.Buffer, r *http.Request, zipped bool) error {
	if !zipped {
		if r.ContentLength > 0 {
			buf.Grow(int(r.ContentLength) + bytes.MinRead)
		}
		_, err := buf.ReadFrom(r.Body)
		return err
	}
	body := &noted{r: r.Body}
	z, err := gzip.NewReader(body)
	if err != nil {
		return body.blame(err)
	}
	n, err := buf.ReadFrom(io.LimitReader(z, s.opt.StreamBytes+1))
	if err != nil {
		return body.blame(err)
	}
	if n > s.opt.StreamBytes {
		return ballast.Errorf(ballast.TooLarge, "the body has more than %d bytes after gunzip", s.opt.StreamBytes)
	}
	return nil
}

// noted remembers how a body ended, to tell bytes that are no gzip, and stay
// so, from a connection that broke.
type noted struct {
	r   io.Reader
	err error
}

func (n *noted) Read(p []byte) (int, error) {
	c, err := n.r.Read(p)
	if err != nil {
		n.err = err
	}
	return c, err
}

func (n *noted) blame(err error) error {
	if n.err != nil && n.err != io.EOF {
		return n.err
	}
	return ballast.Errorf(ballast.Invalid, "the body is not gzip, or is cut off: %v", err)
}

// decode takes one of the decoders, of which there are as many as cores.
func (s *Server) decode(ctx context.Context, body []byte) (*filestream.Request, error) {
	select {
	case d := <-s.decoders:
		defer func() { s.decoders <- d }()
		return filestream.Decode(body, d)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// streamTarget is a run that a caller may write to.
type streamTarget struct{ id, project int64 }

type targetKey struct {
	user int64
	path string
}

// runCache remembers for a few seconds where paths lead, so that a request
// of a file stream asks the database nothing.
type runCache struct {
	found *expirable.LRU[targetKey, streamTarget]
}

func newRunCache() *runCache {
	return &runCache{found: expirable.NewLRU[targetKey, streamTarget](20_000, nil, runCacheLife)}
}

func keyOf(r *http.Request) targetKey {
	return targetKey{auth.From(r.Context()).User.ID, r.URL.Path}
}

func (c *runCache) forget(r *http.Request) { c.found.Remove(keyOf(r)) }

// streamRun finds the run of a path and checks that the caller may write to
// it. A deleted run is Gone.
func (s *Server) streamRun(ctx context.Context, r *http.Request) (streamTarget, error) {
	key := keyOf(r)
	if t, ok := s.runs.found.Get(key); ok {
		return t, nil
	}
	run, err := s.findRun(ctx, r.PathValue("entity"), r.PathValue("project"), r.PathValue("run"), auth.Write)
	if err != nil {
		return streamTarget{}, err
	}
	t := streamTarget{run.ID, run.ProjectID}
	s.runs.found.Add(key, t)
	return t, nil
}
