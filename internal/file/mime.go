package file

import (
	"path"
	"strings"
	"unicode/utf8"
)

// mimeTypes is our own table: the one of package mime differs from machine to
// machine.
var mimeTypes = map[string]string{
	".bmp": "image/bmp", ".gif": "image/gif", ".jpeg": "image/jpeg", ".jpg": "image/jpeg",
	".png": "image/png", ".svg": "image/svg+xml", ".tif": "image/tiff", ".tiff": "image/tiff", ".webp": "image/webp",
	".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".wav": "audio/wav", ".flac": "audio/flac",
	".mp4": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime",
	".css": "text/css", ".csv": "text/csv", ".diff": "text/plain", ".html": "text/html", ".htm": "text/html",
	".js": "text/javascript", ".log": "text/plain", ".md": "text/markdown", ".patch": "text/plain",
	".py": "text/x-python", ".sh": "text/x-shellscript", ".toml": "text/plain", ".tsv": "text/tab-separated-values",
	".txt": "text/plain", ".yaml": "text/yaml", ".yml": "text/yaml", ".cfg": "text/plain", ".ini": "text/plain",
	".json": "application/json", ".jsonl": "application/x-ndjson", ".ipynb": "application/json",
	".pdf": "application/pdf", ".xml": "application/xml", ".gz": "application/gzip", ".tar": "application/x-tar",
	".zip": "application/zip", ".parquet": "application/vnd.apache.parquet",
}

// MimeType returns the type that a file's name stands for,
// "application/octet-stream" for one that says nothing.
func MimeType(name string) string {
	if t := mimeTypes[strings.ToLower(path.Ext(name))]; t != "" {
		return t
	}
	return "application/octet-stream"
}

// shown are the types that a browser may show in place: none of them can run
// a script.
func shown(mime string) bool {
	switch mime {
	case "image/svg+xml", "text/html", "text/javascript", "text/css", "application/xml":
		return false
	case "application/json", "application/x-ndjson":
		return true
	}
	kind, _, _ := strings.Cut(mime, "/")
	return kind == "image" || kind == "audio" || kind == "video" || kind == "text"
}

// servedType is the Content-Type that bytes are sent with: text says that it
// is UTF-8, and source code is plain text.
func servedType(mime string) string {
	if strings.HasPrefix(mime, "text/") {
		if shown(mime) && mime != "text/csv" {
			return "text/plain; charset=utf-8"
		}
		return mime + "; charset=utf-8"
	}
	return mime
}

// Disposition returns the Content-Disposition for a file's bytes: inline for
// what a browser may show, attachment for everything that it might run.
func Disposition(name, mime string) string {
	kind := "attachment"
	if shown(mime) {
		kind = "inline"
	}
	return disposition(kind, path.Base(name))
}

// Attachment returns the Content-Disposition that makes a browser save what
// follows under a name.
func Attachment(name string) string { return disposition("attachment", name) }

func disposition(kind, base string) string {
	return kind + `; filename="` + plain(base) + `"; filename*=UTF-8''` + escape(base)
}

// plain is a name for programs that know only quoted ASCII.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
}

// escape is RFC 8187's form of a name.
func escape(name string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if c < utf8.RuneSelf && (c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("!#$&+-.^_`|~", c) >= 0) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}
