package ui_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ballast-ml/ballast/ui"
)

var build = fstest.MapFS{
	"index.html":         {Data: []byte("<!doctype html><title>B</title>")},
	"index.html.gz":      {Data: []byte("zipped page")},
	"theme.js":           {Data: []byte("1")},
	"assets/app-1.js":    {Data: []byte("let a = 1")},
	"assets/app-1.js.gz": {Data: []byte("zipped")},
	"assets/inter.woff2": {Data: []byte("font")},
	".gitkeep":           {Data: nil},
}

func get(a *ui.App, path, encoding string) (*httptest.ResponseRecorder, bool) {
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	return w, a.File(w, r)
}

func TestFiles(t *testing.T) {
	a := ui.FromFS(build)
	for _, c := range []struct{ path, encoding, body, kind, cache string }{
		{"/assets/app-1.js", "", "let a = 1", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/assets/app-1.js", "gzip, br", "zipped", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/assets/inter.woff2", "gzip", "font", "font/woff2", "public, max-age=31536000, immutable"},
		{"/theme.js", "gzip", "1", "text/javascript; charset=utf-8", "no-cache"},
	} {
		w, ok := get(a, c.path, c.encoding)
		if !ok || w.Code != 200 || w.Body.String() != c.body {
			t.Errorf("%s (%s): %v %d %q, want %q", c.path, c.encoding, ok, w.Code, w.Body, c.body)
		}
		if got := w.Header().Get("Content-Type"); got != c.kind {
			t.Errorf("%s: type %q, want %q", c.path, got, c.kind)
		}
		if got := w.Header().Get("Cache-Control"); got != c.cache {
			t.Errorf("%s: cache %q, want %q", c.path, got, c.cache)
		}
		if zipped := w.Header().Get("Content-Encoding") == "gzip"; zipped != (c.body == "zipped") {
			t.Errorf("%s (%s): Content-Encoding %q", c.path, c.encoding, w.Header().Get("Content-Encoding"))
		}
	}
	for _, path := range []string{"/", "/index.html", "/nothing.js", "/.gitkeep", "/assets/app-1.js.gz", "/assets"} {
		if w, ok := get(a, path, ""); ok {
			t.Errorf("%s was served as a file: %q", path, w.Body)
		}
	}
}

// TestAtRest: nothing is read of the files of the screens before somebody asks
// for one.
func TestAtRest(t *testing.T) {
	files := unread{build, new(int)}
	a := ui.FromFS(files)
	if *files.opened != 0 {
		t.Errorf("%d files were opened before anybody asked", *files.opened)
	}
	if w, ok := get(a, "/assets/app-1.js", ""); !ok || w.Body.String() != "let a = 1" || *files.opened == 0 {
		t.Errorf("served %v, %q, %d files opened", ok, w.Body, *files.opened)
	}
}

// unread counts the files that are opened.
type unread struct {
	fstest.MapFS
	opened *int
}

func (u unread) Open(name string) (fs.File, error) {
	if name != "." && name != "assets" {
		*u.opened++
	}
	return u.MapFS.Open(name)
}

func TestPage(t *testing.T) {
	a := ui.FromFS(build)
	r := httptest.NewRequest("GET", "/anyone/anything/runs/x", nil)
	w := httptest.NewRecorder()
	a.Page(w, r)
	if !a.Built() || w.Code != 200 || !strings.Contains(w.Body.String(), "<title>B") || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("page: built %v, %d %q %v", a.Built(), w.Code, w.Body, w.Header())
	}
	again := httptest.NewRequest("GET", "/", nil)
	again.Header.Set("If-None-Match", w.Header().Get("ETag"))
	w2 := httptest.NewRecorder()
	a.Page(w2, again)
	if w2.Code != http.StatusNotModified {
		t.Errorf("the same page again: %d, want 304", w2.Code)
	}
}

func TestUnbuilt(t *testing.T) {
	a := ui.FromFS(fstest.MapFS{".gitkeep": {}})
	w := httptest.NewRecorder()
	a.Page(w, httptest.NewRequest("GET", "/", nil))
	if a.Built() || w.Code != 404 || !strings.Contains(w.Body.String(), "make ui") {
		t.Errorf("without a build: built %v, %d %q", a.Built(), w.Code, w.Body)
	}
}
