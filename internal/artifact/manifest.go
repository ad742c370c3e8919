package artifact

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/ballast-ml/ballast"
)

// maxManifest is the size of the largest manifest, in bytes: some million
// files.
const maxManifest = 512 << 20

// Entry is one file of a version.
type Entry struct {
	Path   string          // relative, with forward slashes
	Digest string          // base64 MD5 of the bytes; of a reference, whatever its store gives
	Size   int64           // -1 when the manifest does not say
	Ref    string          // where the bytes are, when they are not ours; "" for ours
	raw    json.RawMessage // as it came, for a merge; nil in what is shared
}

// MD5 is the digest of the bytes; not ok for one that is none.
func (e Entry) MD5() (sum []byte, ok bool) {
	sum, err := base64.StdEncoding.DecodeString(e.Digest)
	return sum, err == nil && len(sum) == md5.Size
}

// Manifest is the list of a version's files, by path, byte by byte.
type Manifest struct {
	Entries []Entry
	head    manifestHead
}

// manifestHead is what a manifest says beside its entries (PROTOCOL section
// 5.1); it is kept as it came.
type manifestHead struct {
	Version int             `json:"version"`
	Policy  string          `json:"storagePolicy"`
	Config  json.RawMessage `json:"storagePolicyConfig,omitempty"`
}

// DecodeManifest reads a manifest and refuses what no client should write:
// paths that are absolute, doubled, or leave the folder, and sizes below 0.
func DecodeManifest(r io.Reader) (*Manifest, error) { return decodeManifest(r, false) }

// decodeManifest drops, when bare, what only a merge needs.
func decodeManifest(r io.Reader, bare bool) (*Manifest, error) {
	m := &Manifest{}
	d := json.NewDecoder(r)
	err := members(d, func(key string) error {
		switch key {
		case "version":
			return d.Decode(&m.head.Version)
		case "storagePolicy":
			return d.Decode(&m.head.Policy)
		case "storagePolicyConfig":
			return d.Decode(&m.head.Config)
		case "contents":
			return m.decodeContents(d, bare)
		}
		var other json.RawMessage
		return d.Decode(&other)
	})
	if err == nil && d.More() {
		err = ballast.Errorf(ballast.Invalid, "something follows its end")
	}
	if err == nil && m.head.Version != 1 {
		err = ballast.Errorf(ballast.Invalid, "its version is %d, only 1 is known", m.head.Version)
	}
	if err != nil {
		return nil, notOne(err)
	}
	return m, nil
}

// notOne keeps the kind of a fault in reading; all else is the manifest's own.
func notOne(err error) error {
	var e *ballast.Error
	if errors.As(err, &e) && e.Kind != ballast.Invalid {
		return err
	}
	return ballast.Wrap(ballast.Invalid, err, "the manifest is not one: %v", err)
}

// members calls fn at the value of each member of an object.
func members(d *json.Decoder, fn func(key string) error) error {
	open, err := d.Token()
	if err != nil {
		return err
	}
	if open != json.Delim('{') {
		return ballast.Errorf(ballast.Invalid, "an object was expected at byte %d", d.InputOffset())
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		if err := fn(key.(string)); err != nil {
			return err
		}
	}
	_, err = d.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func (m *Manifest) decodeContents(d *json.Decoder, bare bool) error {
	err := members(d, func(path string) error {
		e, err := decodeEntry(d, path)
		if bare {
			e.raw = nil
		}
		m.Entries = append(m.Entries, e)
		return err
	})
	if err != nil {
		return err
	}
	slices.SortFunc(m.Entries, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	for i := range m.Entries {
		if i > 0 && m.Entries[i].Path == m.Entries[i-1].Path {
			return ballast.Errorf(ballast.Invalid, "path %.200q stands in it twice", m.Entries[i].Path)
		}
	}
	return nil
}

func decodeEntry(d *json.Decoder, path string) (e Entry, err error) {
	clean, err := ballast.CleanFileName(path)
	if err != nil {
		return e, err
	}
	if clean != path {
		return e, ballast.Errorf(ballast.Invalid, "path %.200q is not in its plain form %.200q", path, clean)
	}
	e.Path = path
	if err := d.Decode(&e.raw); err != nil {
		return e, err
	}
	var v struct {
		Digest string
		Size   *int64
		Ref    string
	}
	if err := json.Unmarshal(e.raw, &v); err != nil {
		return e, ballast.Errorf(ballast.Invalid, "the entry of %.200q cannot be read", path)
	}
	e.Digest, e.Ref, e.Size = v.Digest, v.Ref, -1
	if v.Size != nil {
		e.Size = *v.Size
	}
	switch _, sum := e.MD5(); {
	case e.Digest == "":
		return e, ballast.Errorf(ballast.Invalid, "%.200q has no digest", path)
	case e.Ref == "" && !sum:
		return e, ballast.Errorf(ballast.Invalid, "the digest of %.200q is not base64 of an MD5", path)
	case v.Size != nil && *v.Size < 0:
		return e, ballast.Errorf(ballast.Invalid, "%.200q has a size below 0", path)
	}
	return e, nil
}

// Digest is the version's digest (PRODUCT section 5.1), in hex.
func (m *Manifest) Digest() string {
	h := md5.New()
	io.WriteString(h, "wandb-artifact-manifest-v1\n")
	for _, e := range m.Entries {
		io.WriteString(h, e.Path+":"+e.Digest+"\n")
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Bytes is the sum of the sizes that are known.
func (m *Manifest) Bytes() (n int64) {
	for _, e := range m.Entries {
		n += max(e.Size, 0)
	}
	return n
}

// find returns the place of a path, or where it would be.
func (m *Manifest) find(path string) (int, bool) {
	return slices.BinarySearchFunc(m.Entries, path, func(e Entry, p string) int { return strings.Compare(e.Path, p) })
}

// merge lays others over a manifest: an entry takes the place of an older one
// of its path.
func merge(base *Manifest, others ...*Manifest) *Manifest {
	all := map[string]Entry{}
	out := &Manifest{head: base.head}
	for _, m := range append([]*Manifest{base}, others...) {
		for _, e := range m.Entries {
			all[e.Path] = e
		}
		if m.head.Policy != "" {
			out.head = m.head
		}
	}
	for _, path := range slices.Sorted(maps.Keys(all)) {
		out.Entries = append(out.Entries, all[path])
	}
	return out
}

// encode writes a manifest as a client would.
func (m *Manifest) encode() ([]byte, error) {
	contents := make(map[string]json.RawMessage, len(m.Entries))
	for _, e := range m.Entries {
		contents[e.Path] = e.raw
	}
	return json.Marshal(struct {
		manifestHead
		Contents map[string]json.RawMessage `json:"contents"`
	}{m.head, contents})
}

// cachedEntries is how many entries the cache of manifests holds in all; one
// takes some 200 bytes.
const cachedEntries = 100_000

// manifestCache keeps the manifests that were read last: pages of one large
// version are asked for one after another.
type manifestCache struct {
	mu    sync.Mutex
	byID  map[int64]*Manifest
	order []int64 // the longest unused first
	total int
}

func newManifestCache() *manifestCache { return &manifestCache{byID: map[int64]*Manifest{}} }

func (c *manifestCache) get(id int64) *Manifest {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.byID[id]
	if m != nil {
		c.order = append(slices.DeleteFunc(c.order, func(o int64) bool { return o == id }), id)
	}
	return m
}

func (c *manifestCache) put(id int64, m *Manifest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byID[id] != nil {
		return
	}
	c.byID[id], c.order, c.total = m, append(c.order, id), c.total+len(m.Entries)
	for len(c.order) > 1 && (c.total > cachedEntries || len(c.order) > 256) {
		oldest := c.order[0]
		c.total -= len(c.byID[oldest].Entries)
		delete(c.byID, oldest)
		c.order = c.order[1:]
	}
}
