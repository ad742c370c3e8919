package fileblob

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
)

// Key is a secret that URLs are signed with. Its id is public.
type Key struct {
	ID     string
	Secret []byte
}

// signer signs with a key of its own, derived so that a signature of an URL is
// never one of anything else under the same secret.
type signer struct {
	id  string
	key []byte
}

func newSigner(k Key) signer {
	m := hmac.New(sha256.New, k.Secret)
	m.Write([]byte("ballast storage url v1"))
	return signer{k.ID, m.Sum(nil)}
}

// SignedURL implements [blob.Bucket].
func (b *Bucket) SignedURL(_ context.Context, name string, o blob.SignOptions) (string, []string, error) {
	return b.sign(name, "", 0, o)
}

// SignPart implements [blob.Bucket].
func (b *Bucket) SignPart(_ context.Context, name, upload string, part int, o blob.SignOptions) (string, []string, error) {
	if part < 1 || part > blob.MaxPart {
		return "", nil, ballast.Errorf(ballast.Invalid, "signing part %d of %s: parts are 1 to %d", part, name, blob.MaxPart)
	}
	if !validUpload(upload) || o.Method != "PUT" {
		return "", nil, ballast.Errorf(ballast.Invalid, "signing a part of %s: it needs an upload's id and the method PUT", name)
	}
	return b.sign(name, upload, part, o)
}

func (b *Bucket) sign(name, upload string, part int, o blob.SignOptions) (string, []string, error) {
	if err := blob.CheckName(name); err != nil {
		return "", nil, err
	}
	switch {
	case o.Method != "GET" && o.Method != "PUT":
		return "", nil, ballast.Errorf(ballast.Invalid, "signing a URL of %s: the method must be GET or PUT, not %q", name, o.Method)
	case o.Expires <= 0:
		return "", nil, ballast.Errorf(ballast.Invalid, "signing a URL of %s: it would have expired already", name)
	case o.MD5 != nil && len(o.MD5) != 16:
		return "", nil, ballast.Errorf(ballast.Invalid, "signing a URL of %s: the MD5 has %d bytes, not 16", name, len(o.MD5))
	case len(b.signers) == 0 || b.url == "":
		return "", nil, ballast.Errorf(ballast.Internal, "signing a URL of %s: the bucket was opened without a key or an external URL", name)
	}
	g := blob.Grant{Name: name, Method: o.Method, Expires: b.now().Add(o.Expires), MaxBytes: o.MaxBytes,
		Type: o.Type, Disposition: o.Disposition, MD5: o.MD5, Upload: upload, Part: part}
	q := encode(g, b.signers[0].id)
	q.Set("sig", base64.RawURLEncoding.EncodeToString(b.signers[0].mac(b.path+name, g.Method, q)))
	var headers []string
	if o.MD5 != nil {
		headers = append(headers, "Content-MD5:"+base64.StdEncoding.EncodeToString(o.MD5))
	}
	return b.url + b.path + name + "?" + q.Encode(), headers, nil
}

// signed are the query's parameters that the signature covers, in its order.
var signed = []string{"kid", "exp", "max", "type", "cd", "md5", "up", "part"}

// encode returns a grant as a query, without the signature.
func encode(g blob.Grant, kid string) url.Values {
	q := url.Values{}
	set := func(k, v string) {
		if v != "" {
			q.Set(k, v)
		}
	}
	set("kid", kid)
	set("exp", strconv.FormatInt(g.Expires.Unix(), 10))
	set("type", g.Type)
	set("cd", g.Disposition)
	set("md5", base64.RawURLEncoding.EncodeToString(g.MD5))
	set("up", g.Upload)
	if g.Method == "PUT" && g.MaxBytes >= 0 {
		set("max", strconv.FormatInt(g.MaxBytes, 10))
	}
	if g.Upload != "" {
		set("part", strconv.Itoa(g.Part))
	}
	return q
}

// mac signs what a URL says. Each value is preceded by its length, so that no
// two URLs are the same text.
func (s signer) mac(path, method string, q url.Values) []byte {
	m := hmac.New(sha256.New, s.key)
	fmt.Fprintf(m, "%s %d:%s", method, len(path), path)
	for _, k := range signed {
		v := q.Get(k)
		fmt.Fprintf(m, " %d:%s", len(v), v)
	}
	return m.Sum(nil)
}

// Verify implements [blob.Direct]. The path must be "/storage/{store}/{name}".
func (b *Bucket) Verify(method string, u *url.URL, now time.Time) (blob.Grant, error) {
	refuse := func(why string) (blob.Grant, error) {
		return blob.Grant{}, ballast.Errorf(ballast.Denied, "this link is not valid: %s; ask for a new one", why)
	}
	if method == "HEAD" {
		method = "GET"
	}
	name, ok := strings.CutPrefix(u.Path, b.path)
	if !ok || blob.CheckName(name) != nil {
		return refuse("its address was altered")
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return refuse("its address was altered")
	}
	sig, err := base64.RawURLEncoding.DecodeString(q.Get("sig"))
	if err != nil || !b.signedBy(q.Get("kid"), sig, b.path+name, method, q) {
		return refuse("its signature does not match, or it is for another method")
	}
	g, err := decode(q)
	if err != nil {
		return refuse("its address was altered")
	}
	if now.Unix() >= g.Expires.Unix() {
		return refuse("it has expired")
	}
	g.Name, g.Method = name, method
	return g, nil
}

func (b *Bucket) signedBy(kid string, sig []byte, path, method string, q url.Values) bool {
	for _, s := range b.signers {
		if s.id == kid {
			return hmac.Equal(sig, s.mac(path, method, q))
		}
	}
	return false
}

// decode reads a query that was signed.
func decode(q url.Values) (blob.Grant, error) {
	g := blob.Grant{Type: q.Get("type"), Disposition: q.Get("cd"), Upload: q.Get("up"), MaxBytes: -1}
	exp, err := strconv.ParseInt(q.Get("exp"), 10, 64)
	if err != nil {
		return g, err
	}
	g.Expires = time.Unix(exp, 0).UTC()
	if v := q.Get("max"); v != "" {
		if g.MaxBytes, err = strconv.ParseInt(v, 10, 64); err != nil {
			return g, err
		}
	}
	if v := q.Get("part"); v != "" {
		if g.Part, err = strconv.Atoi(v); err != nil {
			return g, err
		}
	}
	if v := q.Get("md5"); v != "" {
		g.MD5, err = base64.RawURLEncoding.DecodeString(v)
	}
	return g, err
}

// Receive implements [blob.Direct].
func (b *Bucket) Receive(ctx context.Context, g blob.Grant, r io.Reader, size int64) (blob.Info, error) {
	if g.Method != "PUT" {
		return blob.Info{}, ballast.Errorf(ballast.Denied, "storing %s: the link is for reading", g.Name)
	}
	l := limits{size: size, max: g.MaxBytes, md5: g.MD5}
	if g.Upload != "" {
		return b.receivePart(ctx, g, r, l)
	}
	if err := blob.CheckName(g.Name); err != nil {
		return blob.Info{}, err
	}
	return b.write(ctx, g.Name, b.file(g.Name), r, l)
}
