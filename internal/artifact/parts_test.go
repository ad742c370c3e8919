package artifact_test

import (
	"encoding/hex"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/artifact"
	"github.com/ballast-ml/ballast/internal/blob"
)

// TestParts: a file in parts has a URL for the whole too (clients take a reply
// without one for "it is there"), and parts of other bytes are refused.
func TestParts(t *testing.T) {
	st := newStage(t)
	files := map[string]string{"big": "part one, part two"}
	text, digest := manifestOf(files)
	a := st.create(artifact.Draft{Digest: digest})
	send := func(bodies ...string) error {
		var specs []artifact.PartSpec
		var done []blob.Part
		for i, body := range bodies {
			specs = append(specs, artifact.PartSpec{Number: i + 1, MD5: sum(body)})
			done = append(done, blob.Part{Number: i + 1, ETag: hex.EncodeToString(sum(body))})
		}
		ups, err := st.room.AddFiles(t.Context(), a, []artifact.FileSpec{{Path: "big", MD5: sum(files["big"]), Parts: specs}})
		if err != nil {
			t.Fatal(err)
		}
		if ups[0].URL == "" || ups[0].UploadID == "" || len(ups[0].Parts) != len(bodies) {
			t.Fatalf("the upload is %+v", ups[0])
		}
		for i, p := range ups[0].Parts {
			u, err := url.Parse(p.URL)
			if err != nil {
				t.Fatal(err)
			}
			g, err := st.bucket.Verify("PUT", u, time.Now())
			if err == nil {
				_, err = st.bucket.Receive(t.Context(), g, strings.NewReader(bodies[i]), -1)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // the client tries again
			err = st.room.CompleteParts(t.Context(), a, ups[0].Object, ups[0].UploadID, done)
		}
		return err
	}
	st.manifest(a, ballast.ManifestFull, 0, text)
	if err := send("other ", "bytes"); !ballast.Is(err, ballast.Invalid) {
		t.Errorf("parts of other bytes: %v, want Invalid", err)
	}
	if _, err := st.room.Commit(t.Context(), a); !ballast.Is(err, ballast.Invalid) || !strings.Contains(err.Error(), `"big" was not uploaded`) {
		t.Errorf("%v, want that big was not uploaded", err)
	}
	if err := send("part one, ", "part two"); err != nil {
		t.Fatal(err)
	}
	if v, err := st.room.Commit(t.Context(), a); err != nil || v.Bytes != int64(len(files["big"])) {
		t.Errorf("%d bytes, %v", v.Bytes, err)
	}
}
