package notice_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/notice"
)

const (
	ofS3          = `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"runs/7/a%2Bb+c%C3%A9","size":5}}}]}`
	ofVersity     = `{"Records":[{"eventName":"s3:ObjectCreated:CompleteMultipartUpload","s3":{"bucket":{"name":"b"},"object":{"key":"100%","size":0}}}]}`
	ofRemoval     = `{"Records":[{"eventName":"ObjectRemoved:Delete","s3":{"bucket":{"name":"b"},"object":{"key":"x"}}}]}`
	ofTest        = `{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-01-01T00:00:00.000Z","Bucket":"b","RequestId":"R","HostId":"H"}`
	ofEventBridge = `{"version":"0","detail-type":"Object Created","source":"aws.s3","detail":{"version":"0","bucket":{"name":"b"},"object":{"key":"a+b c","size":5},"reason":"PutObject"}}`
	ofSNS         = `{"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:x:1:t","Message":"{\"Records\":[{\"eventName\":\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":\"b\"},\"object\":{\"key\":\"k\"}}}]}"}`
)

func TestDecode(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		want       []notice.Object
		bad        bool
	}{
		{"S3", ofS3, []notice.Object{{Bucket: "b", Key: "runs/7/a+b cé"}}, false},
		{"versitygw, not encoded", ofVersity, []notice.Object{{Bucket: "b", Key: "100%"}}, false},
		{"removal", ofRemoval, nil, false},
		{"test of the connection", ofTest, nil, false},
		{"no records", `{"Records":[]}`, nil, false},
		{"SNS", ofSNS, []notice.Object{{Bucket: "b", Key: "k"}}, false},
		{"SNS in SNS", `{"Type":"Notification","Message":` + quote(ofSNS) + `}`, nil, true},
		{"EventBridge", ofEventBridge, []notice.Object{{Bucket: "b", Key: "a+b c"}}, false},
		{"EventBridge, a deletion", strings.Replace(ofEventBridge, "Object Created", "Object Deleted", 1), nil, false},
		{"something else", `{"hello":1}`, nil, true},
		{"no object", `[1]`, nil, true},
		{"cut off", ofS3[:40], nil, true},
		{"empty", ``, nil, true},
	} {
		got, err := notice.Decode([]byte(tt.body))
		if tt.bad != ballast.Is(err, ballast.Invalid) {
			t.Errorf("%s: error %v, want Invalid: %v", tt.name, err, tt.bad)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{ofS3, ofVersity, ofRemoval, ofTest, ofEventBridge, ofSNS} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if objects, err := notice.Decode(body); err != nil && objects != nil {
			t.Errorf("%d objects beside the error %v", len(objects), err)
		}
	})
}

// TestNonsense is dropped, and said: it would come back for ever.
func TestNonsense(t *testing.T) {
	var log bytes.Buffer
	n := notice.New(nil, nil, []notice.Place{{Bucket: "b", Prefix: "deep", Store: 1}}, slog.New(slog.NewTextHandler(&log, nil)))
	for _, body := range []string{"nonsense", ofTest, ofRemoval, ofS3, strings.ReplaceAll(ofS3, `"b"`, `"other"`)} {
		if err := n.Take(t.Context(), []byte(body)); err != nil {
			t.Errorf("%.60s: %v", body, err)
		}
	}
	if got := strings.Count(log.String(), "was dropped"); got != 1 {
		t.Errorf("%d drops were logged, want 1:\n%s", got, log.String())
	}
}
