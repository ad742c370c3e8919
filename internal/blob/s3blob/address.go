package s3blob

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
)

// Address says where a bucket is, as people write it.
type Address struct {
	Bucket, Prefix string
	Region         string // "" when it is not said
	Endpoint       string // of a compatible server, "" for Amazon's
	PathStyle      bool
	Key, Secret    string // "" for the credentials of the process
}

const forms = "it is s3://bucket/prefix for Amazon S3, with ?region=NAME when it is not the server's own, or s3://KEY:SECRET@HOST/bucket/prefix?tls=true for a compatible server"

// bucketName is what Amazon allows.
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// ParseAddress reads s3://bucket/prefix?region=…&endpoint=…&path-style=true,
// and the form with a key and a host of W&B Server (PRODUCT 1.7), in which the
// bucket is the path's first segment. Errors are Invalid and hold no secret.
func ParseAddress(text string) (Address, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "s3" || u.Host == "" {
		return Address{}, ballast.Errorf(ballast.Invalid, "the bucket's address is not understood: %s", forms)
	}
	a := Address{Bucket: u.Host, Prefix: strings.Trim(u.Path, "/")}
	if u.User != nil {
		a.Key = u.User.Username()
		a.Secret, _ = u.User.Password()
		a.Bucket, a.Prefix, _ = strings.Cut(a.Prefix, "/")
		a.Endpoint, a.PathStyle = scheme(u.Query().Get("tls") != "false")+u.Host, true
	}
	for k, v := range u.Query() {
		switch k {
		case "region":
			a.Region = v[0]
		case "endpoint":
			a.Endpoint = strings.TrimRight(v[0], "/")
		case "path-style":
			a.PathStyle = v[0] == "true"
		case "tls":
		default:
			return a, ballast.Errorf(ballast.Invalid, "the bucket's address has %.40q, which is not understood: region, endpoint, path-style and tls are", k)
		}
	}
	return a, a.check()
}

func scheme(tls bool) string {
	if tls {
		return "https://"
	}
	return "http://"
}

func (a Address) check() error {
	if !bucketName.MatchString(a.Bucket) {
		return ballast.Errorf(ballast.Invalid, "the bucket's name %.70q is not one: 3 to 63 small letters, digits, dots and dashes; %s", a.Bucket, forms)
	}
	if (a.Key == "") != (a.Secret == "") {
		return ballast.Errorf(ballast.Invalid, "the address of the bucket %s has a key without a secret, or the other way round: give both, or neither", a.Bucket)
	}
	if a.Prefix != "" {
		if err := blob.CheckName(a.Prefix); err != nil {
			return ballast.Errorf(ballast.Invalid, "the prefix %.70q in the bucket %s cannot be used: letters, digits, '-', '_', '=', '.' and '/' can", a.Prefix, a.Bucket)
		}
	}
	if a.Endpoint != "" {
		if e, err := url.Parse(a.Endpoint); err != nil || e.Host == "" || e.Scheme != "http" && e.Scheme != "https" || e.User != nil {
			return ballast.Errorf(ballast.Invalid, "the endpoint of the bucket %s is not an address like https://s3.example.com", a.Bucket)
		}
	}
	return nil
}

// Place is where the objects are, in one form, without secrets and without
// what may change while they stay. [ParseAddress] reads it.
func (a Address) Place() string {
	place := "s3://" + a.Bucket
	if a.Prefix != "" {
		place += "/" + a.Prefix
	}
	q := url.Values{}
	if a.Endpoint != "" {
		q.Set("endpoint", a.Endpoint)
	}
	if a.PathStyle {
		q.Set("path-style", "true")
	}
	if len(q) > 0 {
		place += "?" + q.Encode()
	}
	return place
}

// Origin is what a browser's policy must allow for signed URLs of the bucket.
func (a Address) Origin(region string) string {
	switch {
	case a.Endpoint == "" && strings.Contains(a.Bucket, "."), a.Endpoint == "" && a.PathStyle:
		return "https://s3." + region + ".amazonaws.com"
	case a.Endpoint == "":
		return "https://" + a.Bucket + ".s3." + region + ".amazonaws.com"
	case a.PathStyle:
		return a.Endpoint
	}
	at, host, _ := strings.Cut(a.Endpoint, "://")
	return at + "://" + a.Bucket + "." + host
}
