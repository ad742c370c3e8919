// Package ui is the web app: TypeScript in src/, built by "make ui" into
// dist/, which is embedded here. A binary built without that step serves a
// page that says so.
package ui

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed all:dist
var dist embed.FS

// App serves the built files. It is safe for concurrent use.
type App struct {
	files map[string]*asset // by address without the first slash
}

// asset is a file of the build. Its bytes stay where they are, in the program's
// own file, and are not in memory before somebody asks for them.
type asset struct {
	build  fs.FS
	name   string
	zipped bool // the build also has it with the ending .gz
	kind   string
	etag   func() (string, error)
}

// New finds the embedded files.
func New() *App {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name is a constant
	}
	return FromFS(sub)
}

// FromFS finds the files of a build, which can seek.
func FromFS(build fs.FS) *App {
	a := &App{files: map[string]*asset{}}
	fs.WalkDir(build, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") || strings.HasSuffix(name, ".gz") {
			return nil
		}
		_, err = fs.Stat(build, name+".gz")
		f := &asset{build: build, name: name, zipped: err == nil, kind: kindOf(name)}
		f.etag = sync.OnceValues(f.tag)
		a.files[name] = f
		return nil
	})
	return a
}

// Built reports whether the binary holds a build.
func (a *App) Built() bool { return a.files["index.html"] != nil }

// File serves the file at the request's path and reports whether there is
// one. The page itself is not a file: see Page.
func (a *App) File(w http.ResponseWriter, r *http.Request) bool {
	name := strings.TrimPrefix(r.URL.Path, "/")
	f := a.files[name]
	if f == nil || name == "index.html" {
		return false
	}
	if strings.HasPrefix(name, "assets/") { // their names hold a hash of their bytes
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		w.Header().Set("Access-Control-Allow-Origin", "*") // frames without an origin load them too; anybody may read them anyway
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	f.serve(w, r)
	return true
}

// Page serves the app's page, whatever the address: the app reads it.
func (a *App) Page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	if f := a.files["index.html"]; f != nil {
		f.serve(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	w.Write([]byte("This binary was built without its screens. Run \"make ui\", then \"make build\", and start it again.\nThe API works: point wandb at this address.\n"))
}

func (f *asset) serve(w http.ResponseWriter, r *http.Request) {
	name, form := f.name, ""
	h := w.Header()
	if f.zipped {
		h.Add("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			name, form = name+".gz", "-gz"
			h.Set("Content-Encoding", "gzip")
			r.Header.Del("Range") // ranges are of the plain bytes
		}
	}
	etag, err := f.etag()
	var file fs.File
	if err == nil {
		file, err = f.build.Open(name)
	}
	if err != nil {
		http.Error(w, "a file of the screens cannot be read", http.StatusInternalServerError)
		return
	}
	defer file.Close()
	h.Set("Content-Type", f.kind)
	h.Set("ETag", `"`+etag+form+`"`)
	http.ServeContent(w, r, "", time.Time{}, file.(io.ReadSeeker))
}

// tag names the file's bytes.
func (f *asset) tag() (string, error) {
	file, err := f.build.Open(f.name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)[:12]), nil
}

// kindOf does not ask the machine's own table of types, which differs.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".json", ".map", ".webmanifest":
		return "application/json"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
