package server

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/artifact"
	"github.com/ballast-ml/ballast/internal/blob"
)

// How long a transfer may stand still, and the slowest that is waited for.
const (
	transferPause = time.Minute
	slowestBytes  = 32 << 10 // a second
)

// direct returns the store that a path names, when its bytes are ours to
// serve.
func (s *Server) direct(r *http.Request) (blob.Direct, error) {
	id, err := strconv.Atoi(r.PathValue("store"))
	if err == nil {
		if d, ok := s.Stores[id].(blob.Direct); ok {
			return d, nil
		}
	}
	return nil, ballast.Errorf(ballast.NotFound, "there is no store %.20q here", r.PathValue("store"))
}

// getObject sends an object's bytes (Range, HEAD and If-None-Match included)
// to whoever holds a signed link.
func getObject(s *Server, w http.ResponseWriter, r *http.Request) error {
	store, err := s.direct(r)
	if err != nil {
		return err
	}
	grant, err := store.Verify(r.Method, r.URL, time.Now())
	if err != nil {
		return err
	}
	body, info, err := store.Open(r.Context(), grant.Name)
	if err != nil {
		return err
	}
	defer body.Close()
	h := w.Header()
	h.Set("Content-Type", safeType(grant.Type))
	h.Set("Content-Disposition", safeDisposition(grant))
	h.Set("Cache-Control", "private, max-age=3600")
	h.Set("ETag", objectTag(info))
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(transferPause + time.Duration(info.Bytes/slowestBytes)*time.Second))
	http.ServeContent(w, r, "", info.Modified, body)
	return nil
}

// putObject stores the body of a PUT under a signed link and, when it is an
// upload of a run's file, makes it the file.
func putObject(s *Server, w http.ResponseWriter, r *http.Request) error {
	store, err := s.direct(r)
	if err != nil {
		return err
	}
	grant, err := store.Verify(r.Method, r.URL, time.Now())
	if err != nil {
		return err
	}
	body := &movingBody{r: r.Body, control: http.NewResponseController(w)}
	sum, err := s.receive(r, store, grant, body)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum)+`"`)
	w.WriteHeader(http.StatusOK)
	return nil
}

// receive stores a body and returns its MD5. What was stored once under a
// link is never changed by it: a repeated PUT (its reply was lost) must bring
// the same bytes.
func (s *Server) receive(r *http.Request, store blob.Direct, grant blob.Grant, body io.Reader) ([]byte, error) {
	ctx := r.Context()
	if strings.HasPrefix(grant.Name, artifact.Prefix) {
		return s.receiveContent(r, store, grant, body)
	}
	if grant.Upload == "" {
		file, stored, err := s.Files.Stored(ctx, grant.Name)
		if err != nil {
			return nil, err
		}
		if stored {
			return file.MD5, sameBytes(body, file.MD5, file.Bytes)
		}
	}
	info, err := store.Receive(ctx, grant, body, r.ContentLength)
	if err != nil {
		return nil, err
	}
	if grant.Upload == "" {
		err = s.Files.FinishPut(ctx, grant.Name, info)
	}
	return info.MD5, err
}

// receiveContent stores what an artifact names by its digest. The link signed
// the MD5, so that a repeated PUT brings the same bytes.
func (s *Server) receiveContent(r *http.Request, store blob.Direct, grant blob.Grant, body io.Reader) ([]byte, error) {
	info, err := store.Receive(r.Context(), grant, body, r.ContentLength)
	if err == nil && grant.Upload == "" {
		err = s.Artifacts.FinishPut(r.Context(), grant.Name, info)
	}
	return info.MD5, err
}

func sameBytes(body io.Reader, sum []byte, size int64) error {
	h := md5.New()
	n, err := io.Copy(h, io.LimitReader(body, size+1))
	if err != nil {
		return err
	}
	if n != size || !bytes.Equal(h.Sum(nil), sum) {
		return ballast.Errorf(ballast.Conflict, "this link stored other bytes before; ask for a new one")
	}
	return nil
}

// preflight answers what a browser asks before it reads from or writes to a
// link of ours. Links are signed and carry no cookie, so any origin may.
func preflight(_ *Server, w http.ResponseWriter, _ *http.Request) error {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, PUT, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "*")
	h.Set("Access-Control-Max-Age", "3000")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// movingBody gives the sender time as long as bytes arrive.
type movingBody struct {
	r       io.Reader
	control *http.ResponseController
	next    time.Time
}

func (b *movingBody) Read(p []byte) (int, error) {
	if now := time.Now(); now.After(b.next) {
		b.control.SetReadDeadline(now.Add(transferPause))
		b.control.SetWriteDeadline(now.Add(2 * transferPause))
		b.next = now.Add(transferPause / 4)
	}
	return b.r.Read(p)
}

// safeType never sends a type without a name: a browser would guess one.
func safeType(t string) string {
	if t == "" {
		return "application/octet-stream"
	}
	return t
}

// safeDisposition is the second lock on what could run in a browser: whatever
// the link says, pages and scripts are attachments.
func safeDisposition(g blob.Grant) string {
	kind, _, _ := strings.Cut(g.Type, ";")
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml", "text/javascript", "application/javascript", "application/pdf", "":
		if !strings.HasPrefix(g.Disposition, "attachment") {
			return "attachment"
		}
	}
	if g.Disposition == "" {
		return "attachment"
	}
	return g.Disposition
}

// objectTag tells versions of an object apart; an object's bytes change only
// when a client sends the same upload again.
func objectTag(i blob.Info) string {
	return `"` + strconv.FormatInt(i.Bytes, 36) + "-" + strconv.FormatInt(i.Modified.UnixNano(), 36) + `"`
}
