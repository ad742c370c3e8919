package s3blob_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob/s3blob"
	"github.com/google/go-cmp/cmp"
)

func TestAddress(t *testing.T) {
	for _, tt := range []struct {
		text, place, origin string
		want                s3blob.Address
	}{
		{"s3://runs", "s3://runs", "https://runs.s3.eu-west-1.amazonaws.com", s3blob.Address{Bucket: "runs"}},
		{"s3://runs/a/b/?region=eu-west-1", "s3://runs/a/b", "https://runs.s3.eu-west-1.amazonaws.com",
			s3blob.Address{Bucket: "runs", Prefix: "a/b", Region: "eu-west-1"}},
		{"s3://ru.ns", "s3://ru.ns", "https://s3.eu-west-1.amazonaws.com", s3blob.Address{Bucket: "ru.ns"}},
		{"s3://runs?endpoint=http://10.0.0.1:9000/&path-style=true", "s3://runs?endpoint=http%3A%2F%2F10.0.0.1%3A9000&path-style=true", "http://10.0.0.1:9000",
			s3blob.Address{Bucket: "runs", Endpoint: "http://10.0.0.1:9000", PathStyle: true}},
		{"s3://runs?endpoint=https://s3.lan", "s3://runs?endpoint=https%3A%2F%2Fs3.lan", "https://runs.s3.lan",
			s3blob.Address{Bucket: "runs", Endpoint: "https://s3.lan"}},
		{"s3://AK:s%2Fk@s3.lan:9000/runs/deep?region=x&tls=false", "s3://runs/deep?endpoint=http%3A%2F%2Fs3.lan%3A9000&path-style=true", "http://s3.lan:9000",
			s3blob.Address{Bucket: "runs", Prefix: "deep", Region: "x", Endpoint: "http://s3.lan:9000", PathStyle: true, Key: "AK", Secret: "s/k"}},
	} {
		got, err := s3blob.ParseAddress(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, d)
		}
		if got.Place() != tt.place {
			t.Errorf("%s: Place() = %s, want %s", tt.text, got.Place(), tt.place)
		}
		if o := got.Origin("eu-west-1"); o != tt.origin {
			t.Errorf("%s: Origin() = %s, want %s", tt.text, o, tt.origin)
		}
		again, err := s3blob.ParseAddress(got.Place())
		if err != nil || again.Place() != tt.place {
			t.Errorf("%s: its place reads as %+v, %v", tt.text, again, err)
		}
	}
}

func TestBadAddress(t *testing.T) {
	for _, text := range []string{"", "runs", "gs://runs", "s3://", "s3:///x", "s3://Runs", "s3://ab", "s3://runs/.hidden", "s3://runs/a b",
		"s3://runs?nonsense=1", "s3://hunter2@host/runs", "s3://:hunter2@host/runs", "s3://AK:hunter2@host", "s3://AK:hunter2@host/x?endpoint=ftp://y", "s3://AK:hunter2@ho st/x", "s3://runs?endpoint=nonsense"} {
		_, err := s3blob.ParseAddress(text)
		if !ballast.Is(err, ballast.Invalid) {
			t.Errorf("%q: %v, want Invalid", text, err)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error holds the secret: %v", text, err)
		}
	}
}

func FuzzAddress(f *testing.F) {
	f.Add("s3://AK:s%2Fk@s3.lan:9000/runs/deep?region=x&tls=false")
	f.Add("s3://runs?endpoint=http://10.0.0.1:9000/&path-style=true")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := s3blob.ParseAddress(text)
		if err != nil {
			return
		}
		again, err := s3blob.ParseAddress(a.Place())
		if err != nil || again.Place() != a.Place() {
			t.Errorf("%q: its place %q reads as %+v, %v", text, a.Place(), again, err)
		}
	})
}

func TestRegionOf(t *testing.T) {
	amazon := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/mine", "/elsewhere":
			w.Header().Set("X-Amz-Bucket-Region", "eu-central-1")
			w.WriteHeader(map[string]int{"/mine": 200, "/elsewhere": 403}[r.URL.Path])
		case "/none":
			w.WriteHeader(404)
		default:
			w.WriteHeader(503)
		}
	}))
	defer amazon.Close()
	for _, bucket := range []string{"mine", "elsewhere"} {
		if region, err := s3blob.RegionOf(t.Context(), amazon.Client(), amazon.URL, bucket); region != "eu-central-1" || err != nil {
			t.Errorf("%s: %q, %v", bucket, region, err)
		}
	}
	for bucket, kind := range map[string]ballast.Kind{"none": ballast.Invalid, "broken": ballast.Unavailable} {
		if _, err := s3blob.RegionOf(t.Context(), amazon.Client(), amazon.URL, bucket); !ballast.Is(err, kind) {
			t.Errorf("%s: %v, want %v", bucket, err, kind)
		}
	}
}
