// Package notice acts on a bucket's notices that objects were created. They
// are hints: what a notice says is looked up in the store, doing it again
// changes nothing, and a lost one costs time, since clients report their
// uploads themselves.
package notice

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/file"
)

// Object is what a notice names.
type Object struct{ Bucket, Key string }

// Decode returns the objects that a notice says were created: none for a test
// of the connection or another event. It takes the three forms that a message
// may have: of S3 itself, the same inside an SNS envelope, and of EventBridge
// (Amazon S3 user guide, "Event message structure" and "EventBridge event
// message structure"). What is no notice is Invalid.
func Decode(body []byte) ([]Object, error) { return decode(body, 0) }

// message has the fields of all forms.
type message struct {
	// S3
	Event   string // "s3:TestEvent"
	Records *[]struct {
		EventName string `json:"eventName"`
		S3        struct {
			Bucket struct {
				Name string `json:"name"`
			} `json:"bucket"`
			Object struct {
				Key string `json:"key"`
			} `json:"object"`
		} `json:"s3"`
	}
	// SNS
	Type    string
	Message string
	// EventBridge
	DetailType string `json:"detail-type"`
	Source     string `json:"source"`
	Detail     struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key string `json:"key"`
		} `json:"object"`
	} `json:"detail"`
}

func decode(body []byte, depth int) ([]Object, error) {
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, ballast.Errorf(ballast.Invalid, "the notice is no JSON object: %v", err)
	}
	switch {
	case m.Records != nil:
		var all []Object
		for _, r := range *m.Records {
			// Amazon says "ObjectCreated:Put", versitygw "s3:ObjectCreated:Put".
			if strings.HasPrefix(strings.TrimPrefix(r.EventName, "s3:"), "ObjectCreated:") {
				all = append(all, Object{r.S3.Bucket.Name, plain(r.S3.Object.Key)})
			}
		}
		return all, nil
	case m.Type == "Notification" && depth == 0:
		return decode([]byte(m.Message), 1)
	case m.Source == "aws.s3" && m.DetailType != "":
		if m.DetailType != "Object Created" {
			return nil, nil
		}
		return []Object{{m.Detail.Bucket.Name, m.Detail.Object.Key}}, nil // not encoded in this form
	case m.Event == "s3:TestEvent":
		return nil, nil
	}
	return nil, ballast.Errorf(ballast.Invalid, "the notice has none of the forms of S3, SNS and EventBridge")
}

// plain undoes the encoding of a key in a record of S3. One that is not
// encoded, as some compatible servers send it, stays.
func plain(key string) string {
	if s, err := url.QueryUnescape(key); err == nil {
		return s
	}
	return key
}

// Place is where the objects of a store are in a bucket.
type Place struct {
	Bucket, Prefix string // the prefix without slashes at its ends
	Store          int
}

// Notices acts on notices.
type Notices struct {
	files  *file.Files
	stores map[int]blob.Bucket
	places []Place
	log    *slog.Logger
}

// New returns what acts on notices of the places.
func New(files *file.Files, stores map[int]blob.Bucket, places []Place, log *slog.Logger) *Notices {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Notices{files: files, stores: stores, places: places, log: log}
}

// Take acts on one message. An error means that it may be worth another try:
// what can never be understood is logged and done.
func (n *Notices) Take(ctx context.Context, body []byte) error {
	objects, err := Decode(body)
	if err != nil {
		n.log.Warn("a notice in the bucket's queue was dropped", "error", err, "bytes", len(body))
		return nil
	}
	for _, o := range objects {
		store, name, ok := n.locate(o)
		if !ok {
			n.log.Debug("a notice of an object that is not ours", "bucket", o.Bucket)
			continue
		}
		if strings.HasPrefix(name, blob.ProbePrefix) {
			n.trace(ctx, n.stores[store], name)
			continue
		}
		info, err := n.stores[store].Stat(ctx, name)
		if ballast.Is(err, ballast.NotFound) || ballast.Is(err, ballast.Invalid) {
			continue // deleted meanwhile, or never one of ours
		}
		if err == nil {
			err = n.files.FinishPut(ctx, name, info)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// trace tells who tests the settings that the notice came through, though it
// was taken here. A trace that cannot be left says that it did not.
func (n *Notices) trace(ctx context.Context, store blob.Bucket, name string) {
	if strings.HasSuffix(name, blob.ProbeSeen) {
		return
	}
	if _, err := store.Put(ctx, name+blob.ProbeSeen, http.NoBody, 0); err != nil {
		n.log.Warn("the notice of a test of settings", "error", err)
	}
}

// locate finds whose object it is.
func (n *Notices) locate(o Object) (store int, name string, ok bool) {
	for _, p := range n.places {
		if p.Bucket != o.Bucket {
			continue
		}
		if p.Prefix == "" {
			return p.Store, o.Key, true
		}
		if name, ok := strings.CutPrefix(o.Key, p.Prefix+"/"); ok {
			return p.Store, name, true
		}
	}
	return 0, "", false
}
