package artifact_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/artifact"
)

// FuzzDecodeManifest: what comes back is in plain form, sorted, and without
// doubled paths, and every refusal is Invalid.
func FuzzDecodeManifest(f *testing.F) {
	text, _ := manifestOf(map[string]string{"a.txt": "hello", "b/c.txt": "world"})
	for _, seed := range []string{text, "{}", `{"version":1}`, `{"version":1,"contents":{"a":{"digest":"x","ref":"s3://b/k"}}}`, `{"version":1,"contents":{"../a":{}}}`,
		`{"version":1,"contents":[]}`, `{"version":2}`, `{"version":1,"contents":{"a":{"digest":"1B2M2Y8AsgTpgAmY7PhCfg==","size":-1}}}`, `{"version":1}{}`, `null`, `{"contents":`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := artifact.DecodeManifest(bytes.NewReader(data))
		if err != nil {
			if !ballast.Is(err, ballast.Invalid) {
				t.Fatalf("%v is no Invalid", err)
			}
			return
		}
		for i, e := range m.Entries {
			if clean, err := ballast.CleanFileName(e.Path); err != nil || clean != e.Path {
				t.Errorf("path %q: %v", e.Path, err)
			}
			if i > 0 && m.Entries[i-1].Path >= e.Path {
				t.Errorf("%q before %q", m.Entries[i-1].Path, e.Path)
			}
			if _, ok := e.MD5(); !ok && e.Ref == "" {
				t.Errorf("%q has no MD5", e.Path)
			}
		}
	})
}

// TestDigests has the golden values of PRODUCT section 5.1.
func TestDigests(t *testing.T) {
	for want, files := range map[string]map[string]string{
		"64e7c61456b10382e2f3b571ac24b659": {},
		"541f289bb3c6ae786d51e7288e523543": {"a.txt": "hello"},
		"169ce122d7b477940eccd70028d680dc": {"a.txt": "hello", "b/c.txt": "world"},
	} {
		text, _ := manifestOf(files)
		m, err := artifact.DecodeManifest(strings.NewReader(text))
		if err != nil || m.Digest() != want {
			t.Errorf("%v: %s, %v, want %s", files, m.Digest(), err, want)
		}
	}
}
