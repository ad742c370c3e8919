// Package blob is the contract of the object store: immutable objects with a
// name, on a disk (fileblob) or in S3. Clients reach objects by signed URLs;
// the server reads ranges of them.
//
// Names are made by the rooms and used once: what was stored under a name is
// never changed, only deleted; but for a run's manifest, which is put again and
// which no room reads. A name is 1 to 200 bytes of segments joined by
// "/", each of letters, digits, '-', '_', '=' and '.', not starting with '.'.
// No name may be a folder of another ("a" beside "a/b").
//
// The suite in blobtest says the rest; every driver passes it unchanged.
package blob

import (
	"context"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
)

// Bucket holds objects. It is safe for concurrent use.
//
// Errors: NotFound when the object is absent, Invalid for a bad name or
// argument, Unavailable for everything else. No method retries what the caller
// streams into it; a driver over a network retries its own idempotent calls
// within the context, so the caller only repeats the whole job.
type Bucket interface {
	// Put stores what r yields until io.EOF. It is atomic and durable: when it
	// returns nil, the object survives a power cut; on any error (of r too)
	// nothing is visible under the name. size is the length, -1 when unknown;
	// another length is Invalid. Putting a name again replaces the object.
	Put(ctx context.Context, name string, r io.Reader, size int64) (Info, error)

	// Get opens n bytes from off, to the end when n is negative. Fewer follow
	// when the object is shorter. An offset past the end is Invalid. The
	// reader belongs to the caller, who closes it.
	Get(ctx context.Context, name string, off, n int64) (io.ReadCloser, error)

	// Stat returns size and time. MD5 is nil when the store does not know it.
	Stat(ctx context.Context, name string) (Info, error)

	// Delete removes an object; an absent one is fine.
	Delete(ctx context.Context, name string) error

	// List returns up to limit objects whose name starts with prefix and sorts
	// after after, by name, byte by byte. What is put meanwhile may be missing.
	List(ctx context.Context, prefix, after string, limit int) ([]Info, error)

	// SignedURL returns an absolute URL that lets its holder do one thing to
	// one object until it expires, and the headers, as "Key:Value", that the
	// holder must send with it. The object need not exist.
	SignedURL(ctx context.Context, name string, o SignOptions) (url string, headers []string, err error)

	// CreateMultipart starts an upload in parts and returns its id.
	CreateMultipart(ctx context.Context, name string) (upload string, err error)

	// SignPart returns a URL to PUT part 1 to 10000 of an upload. The reply to
	// the PUT carries the part's ETag. A part sent again replaces the former.
	SignPart(ctx context.Context, name, upload string, part int, o SignOptions) (url string, headers []string, err error)

	// CompleteMultipart joins the parts, in the order given, into the object,
	// as durably as Put, and forgets the upload. A part that is missing or has
	// another ETag is Invalid, and so are, on a store that can tell, bytes with
	// another MD5 than sum (nil: any); no object is made then. An unknown upload
	// is NotFound, but when the object is there already (a repeated call) its
	// Info is returned.
	CompleteMultipart(ctx context.Context, name, upload string, parts []Part, sum []byte) (Info, error)

	// AbortMultipart drops an upload and its parts; an unknown one is fine.
	AbortMultipart(ctx context.Context, name, upload string) error
}

// Direct is a Bucket whose signed URLs lead back to this server, because its
// bytes are on a disk of ours. The server's /storage/ route speaks it.
type Direct interface {
	Bucket

	// Verify checks a signed URL and returns what it grants. Method is the
	// request's; HEAD is allowed where GET is. An expired, altered or foreign
	// URL is Denied.
	Verify(method string, u *url.URL, now time.Time) (Grant, error)

	// Receive stores the body of a PUT under a grant, as atomically and
	// durably as Put. More than the grant's limit is TooLarge, another MD5
	// than the grant's is Invalid; then nothing is stored. size is the
	// request's Content-Length, -1 when unknown. The MD5 returned is the ETag
	// of a part, in hex.
	Receive(ctx context.Context, g Grant, r io.Reader, size int64) (Info, error)

	// Open opens the whole object for reading at any place.
	Open(ctx context.Context, name string) (io.ReadSeekCloser, Info, error)
}

// Info describes an object.
type Info struct {
	Name     string
	Bytes    int64
	MD5      []byte // 16 bytes, nil when unknown
	Modified time.Time
}

// Part names a part of an upload that was stored.
type Part struct {
	Number int
	ETag   string // as the PUT's reply gave it, quotes or not
}

// SignOptions says what a signed URL allows.
type SignOptions struct {
	Method      string        // GET (of a Direct, HEAD too) or PUT
	Expires     time.Duration // from now
	MaxBytes    int64         // of a PUT; -1 no limit. Only a Direct keeps to it: else who completes the upload looks at the size
	Type        string        // GET: the Content-Type to answer with; PUT: informative
	Disposition string        // GET: the Content-Disposition to answer with
	MD5         []byte        // PUT: the only content accepted, 16 bytes; nil for any
}

// Grant is what a verified URL allows.
type Grant struct {
	Name        string
	Method      string // GET or PUT
	Expires     time.Time
	MaxBytes    int64 // -1 no limit
	Type        string
	Disposition string
	MD5         []byte
	Upload      string // a part of this upload, "" for the object itself
	Part        int
}

// MaxName is the length of the longest object name, in bytes.
const MaxName = 200

// MaxPart is the highest part number.
const MaxPart = 10000

// CheckName says what is wrong with an object's name.
func CheckName(name string) error {
	if name == "" || len(name) > MaxName {
		return ballast.Errorf(ballast.Invalid, "object name of %d bytes: 1 to %d are allowed", len(name), MaxName)
	}
	for seg := range strings.SplitSeq(name, "/") {
		if seg == "" || seg[0] == '.' {
			return ballast.Errorf(ballast.Invalid, "object name %q has an empty segment or one that starts with a dot", name)
		}
		for i := range len(seg) {
			if !nameByte(seg[i]) {
				return ballast.Errorf(ballast.Invalid, "object name %q contains %q, which is not allowed", name, seg[i])
			}
		}
	}
	return nil
}

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_=.", c) >= 0
}
