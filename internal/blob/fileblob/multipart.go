package fileblob

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
)

// An upload in parts is a folder .parts/{id} with a file "name", which holds
// the object's name, and a file for each part, named by its number.

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
	return b.write(ctx, g.Name, filepath.Join(b.upload(g.Upload), strconv.Itoa(g.Part)), r, l)
}

// CompleteMultipart implements [blob.Bucket].
func (b *Bucket) CompleteMultipart(ctx context.Context, name, upload string, parts []blob.Part) (blob.Info, error) {
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
	r := &partReader{dir: b.upload(upload), name: name, parts: parts}
	defer r.close()
	info, err := b.write(ctx, name, b.file(name), r, limits{size: -1, max: -1})
	if err != nil {
		return blob.Info{}, err
	}
	b.removeUpload(upload)
	return info, nil
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

// partReader reads the parts one after the other, each checked at its end.
type partReader struct {
	dir, name string
	parts     []blob.Part
	f         *os.File
	tee       io.Reader
	sum       interface{ Sum([]byte) []byte }
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
		n, err := p.tee.Read(buf)
		if err == io.EOF {
			if err := p.check(); err != nil {
				return 0, err
			}
			if n == 0 {
				continue
			}
			return n, nil
		}
		return n, err
	}
}

func (p *partReader) next() error {
	number := p.parts[0].Number
	f, err := os.Open(filepath.Join(p.dir, strconv.Itoa(number)))
	if err != nil {
		if absent(err) {
			return ballast.Errorf(ballast.Invalid, "completing the upload of %s: part %d was not uploaded", p.name, number)
		}
		return err
	}
	sum := md5.New()
	p.f, p.tee, p.sum = f, io.TeeReader(f, sum), sum
	return nil
}

func (p *partReader) check() error {
	part := p.parts[0]
	p.parts = p.parts[1:]
	p.close()
	if got := hex.EncodeToString(p.sum.Sum(nil)); !strings.EqualFold(strings.Trim(part.ETag, `"`), got) {
		return ballast.Errorf(ballast.Invalid, "completing the upload of %s: part %d has the ETag %s, not %s", p.name, part.Number, got, fmt.Sprintf("%.40q", part.ETag))
	}
	return nil
}

func (p *partReader) close() {
	if p.f != nil {
		p.f.Close()
		p.f = nil
	}
}
