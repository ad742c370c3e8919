package server

import (
	ziplib "archive/zip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestZipOfFiles(t *testing.T) {
	st := newStage(t)
	want := map[string]string{"a.txt": "alpha", "media/images/b.png": "not a picture", "media_x/c.txt": "", `odd\name.txt`: "backslash"}
	for name, content := range want {
		st.put(name, content)
	}
	unpacked := func(path string) map[string]string {
		t.Helper()
		r := st.do("member", "GET", path, nil)
		if r.status != 200 || r.header.Get("Content-Type") != "application/zip" || !strings.Contains(r.header.Get("Content-Disposition"), "r1.zip") {
			t.Fatalf("%s: %d %v", path, r.status, r.header)
		}
		z, err := ziplib.NewReader(strings.NewReader(r.body), int64(len(r.body)))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, f := range z.File {
			in, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(in) // checks the sum too
			if err != nil {
				t.Fatal(err)
			}
			got[f.Name] = string(text)
		}
		return got
	}
	delete(want, `odd\name.txt`)
	want["odd_name.txt"] = "backslash"
	if diff := cmp.Diff(want, unpacked("/api/files/red/secret/r1/zip")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"media_x/c.txt": ""}, unpacked("/api/files/red/secret/r1/zip?under=media_x/")); diff != "" {
		t.Errorf("one folder: %s", diff)
	}
	if r := st.do("member", "GET", "/api/files/red/secret/r1/zip?under=none/", nil); r.status != 404 || !strings.Contains(r.body, "none/") {
		t.Errorf("a folder that is not there: %d %s", r.status, r.body)
	}
}

// A store that loses a file midway must not leave what looks like an archive.
func TestZipBreaksOff(t *testing.T) {
	st := newStage(t)
	st.put("a.txt", strings.Repeat("x", 600<<10))
	st.put("b.txt", "b")
	f, err := st.files.Named(t.Context(), st.Run.ID, "b.txt")
	if err != nil {
		t.Fatal(err)
	}
	if err := st.bucket.Delete(t.Context(), f.Object); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), "GET", st.url+"/api/files/red/secret/r1/zip", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", basic(st.Keys["member"]))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if n, err := io.Copy(io.Discard, res.Body); err == nil {
		t.Errorf("%d bytes arrived as if they were all", n)
	}
	if !strings.Contains(st.log.String(), "a download broke off") {
		t.Error("the log does not say why")
	}
}
