package fileblob

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
)

// An upload in parts is a folder .parts/{id} with a file "name", which holds
// the object's name, and a file for each part, {number}.{MD5 in hex}, so that
// joining needs no second look at a part. A part that is sent again with other
// bytes is a file beside the former; the ETag says which is meant.

// CreateMultipart implements [blob.Bucket].
func (b *Bucket) CreateMultipart(ctx context.Context, name string) (string, error) {
	if err := blob.CheckName(name); err != nil {
		return "", err
	}
	id := strings.ToLower(rand.Text())
	r := strings.NewReader(name)
	if _, err := b.write(ctx, name, filepath.Join(b.upload(id), "name"), r, limits{size: -1, max: -1}); err != nil {
		return "", err
	}
	return id, nil
}

func (b *Bucket) upload(id string) string { return filepath.Join(b.uploads(), id) }

func validUpload(id string) bool {
	for i := range len(id) {
		if c := id[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9') {
			return false
		}
	}
	return len(id) >= 20 && len(id) <= 64
}

// checkUpload reports NotFound unless the upload exists and is of the object.
func (b *Bucket) checkUpload(name, id string) error {
	none := ballast.Errorf(ballast.NotFound, "upload of %s: it was completed, aborted, or never created", name)
	if !validUpload(id) {
		return none
	}
	of, err := os.ReadFile(filepath.Join(b.upload(id), "name"))
	if err != nil && !absent(err) {
		return fault(err, "uploading", name)
	}
	if string(of) != name || name == "" {
		return none
	}
	return nil
}

func (b *Bucket) receivePart(ctx context.Context, g blob.Grant, r io.Reader, l limits) (blob.Info, error) {
	if err := b.checkUpload(g.Name, g.Upload); err != nil {
		return blob.Info{}, err
	}
	if g.Part < 1 || g.Part > blob.MaxPart {
		return blob.Info{}, ballast.Errorf(ballast.Invalid, "storing part %d of %s: parts are 1 to %d", g.Part, g.Name, blob.MaxPart)
	}
	part := func(sum []byte) string { return filepath.Join(b.upload(g.Upload), partFile(g.Part, sum)) }
	return b.writeNamed(ctx, g.Name, part, r, l)
}

func partFile(number int, sum []byte) string {
	return strconv.Itoa(number) + "." + hex.EncodeToString(sum)
}

// CompleteMultipart implements [blob.Bucket]. Joining goes on when the caller
// has no time left to wait; asked again, it is waited for again.
func (b *Bucket) CompleteMultipart(ctx context.Context, name, upload string, parts []blob.Part, sum []byte) (blob.Info, error) {
	if err := blob.CheckName(name); err != nil {
		return blob.Info{}, err
	}
	if err := b.checkUpload(name, upload); err != nil {
		if !ballast.Is(err, ballast.NotFound) {
			return blob.Info{}, err
		}
		if info, e := b.Stat(ctx, name); e == nil {
			return info, nil // completed by a call whose reply was lost
		}
		return blob.Info{}, err
	}
	if len(parts) == 0 {
		return blob.Info{}, ballast.Errorf(ballast.Invalid, "completing the upload of %s: no parts are named", name)
	}
	j := b.join(name, upload, parts, sum)
	select {
	case <-j.done:
		return j.info, j.err
	case <-ctx.Done():
		return blob.Info{}, ballast.Wrap(ballast.Unavailable, ctx.Err(), "completing the upload of %s: joining its %d parts goes on; ask again", name, len(parts))
	}
}

// A join makes an object of parts.
type join struct {
	done chan struct{}
	info blob.Info
	err  error
}

// join begins to join parts, or returns the join of the upload that is under
// way.
func (b *Bucket) join(name, upload string, parts []blob.Part, sum []byte) *join {
	b.joining.Lock()
	defer b.joining.Unlock()
	if j := b.joins[upload]; j != nil {
		return j
	}
	j := &join{done: make(chan struct{})}
	b.joins[upload] = j
	go func() {
		r := &partReader{dir: b.upload(upload), name: name, parts: parts}
		defer r.close()
		// A stop of the server ends it; the parts stay, and so the upload.
		j.info, j.err = b.write(context.Background(), name, b.file(name), r, limits{size: -1, max: -1, md5: sum})
		if j.err == nil {
			b.removeUpload(upload)
		}
		b.joining.Lock()
		delete(b.joins, upload)
		b.joining.Unlock()
		close(j.done)
	}()
	return j
}

// AbortMultipart implements [blob.Bucket].
func (b *Bucket) AbortMultipart(_ context.Context, name, upload string) error {
	if err := b.checkUpload(name, upload); err != nil {
		if ballast.Is(err, ballast.NotFound) {
			return nil
		}
		return err
	}
	if err := b.removeUpload(upload); err != nil {
		return fault(err, "aborting the upload of", name)
	}
	return nil
}

func (b *Bucket) removeUpload(upload string) error {
	b.place.Lock()
	defer b.place.Unlock()
	b.synced.Remove(b.upload(upload))
	return os.RemoveAll(b.upload(upload))
}

// partReader reads the parts one after the other.
type partReader struct {
	dir, name string
	parts     []blob.Part
	f         *os.File
}

func (p *partReader) Read(buf []byte) (int, error) {
	for {
		if p.f == nil {
			if len(p.parts) == 0 {
				return 0, io.EOF
			}
			if err := p.next(); err != nil {
				return 0, err
			}
		}
		n, err := p.f.Read(buf)
		if err == io.EOF {
			p.close()
			if n == 0 {
				continue
			}
			err = nil
		}
		return n, err
	}
}

func (p *partReader) next() (err error) {
	part := p.parts[0]
	p.parts = p.parts[1:]
	sum, bad := hex.DecodeString(strings.Trim(part.ETag, `"`))
	if bad != nil || len(sum) != md5.Size {
		return ballast.Errorf(ballast.Invalid, "completing the upload of %s: the ETag of part %d is %.40q, it must be 32 hex digits", p.name, part.Number, part.ETag)
	}
	p.f, err = os.Open(filepath.Join(p.dir, partFile(part.Number, sum)))
	if err != nil && absent(err) {
		return ballast.Errorf(ballast.Invalid, "completing the upload of %s: part %d with the ETag %.40q was not uploaded", p.name, part.Number, part.ETag)
	}
	return err
}

func (p *partReader) close() {
	if p.f != nil {
		p.f.Close()
		p.f = nil
	}
}
