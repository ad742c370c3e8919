package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// conn is one keep-alive connection that sends requests without net/http's
// client, whose cost would be the server's on a shared machine.
type conn struct {
	net  net.Conn
	in   *bufio.Reader
	head []byte
	buf  net.Buffers
}

func dial(ctx context.Context, base *url.URL, path, key string) (*conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", base.Host)
	if err != nil {
		return nil, err
	}
	head := "POST " + path + " HTTP/1.1\r\nHost: " + base.Host + "\r\nUser-Agent: ballast-bench\r\nContent-Type: application/json\r\n"
	if key != "" {
		head += "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("api:"+key)) + "\r\n"
	}
	return &conn{net: c, in: bufio.NewReaderSize(c, 4096), head: []byte(head + "Content-Length: ")}, nil
}

// post sends a body and returns the status.
func (c *conn) post(body []byte) (int, error) {
	head := append(strconv.AppendInt(c.head[:len(c.head):len(c.head)], int64(len(body)), 10), "\r\n\r\n"...)
	c.buf = append(c.buf[:0], head, body)
	send := c.buf
	if _, err := send.WriteTo(c.net); err != nil {
		return 0, err
	}
	return c.reply()
}

func (c *conn) reply() (int, error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("reply begins with %q", line)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, fmt.Errorf("reply begins with %q", line)
	}
	length := -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			break
		}
		if name, value, ok := bytes.Cut(line, []byte(":")); ok && bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, err
			}
		}
	}
	if length < 0 {
		return 0, fmt.Errorf("reply %d has no Content-Length", status)
	}
	_, err = c.in.Discard(length)
	return status, err
}

// upsertRun makes a run of the caller, as the SDK does, and returns the path of
// its file stream.
func upsertRun(ctx context.Context, base *url.URL, key, project, run string) (string, error) {
	query := `mutation UpsertBucket($name:String,$project:String,$config:JSONString){upsertBucket(input:{name:$name,modelName:$project,config:$config}){bucket{name project{name entity{name}}} inserted}}`
	text, err := json.Marshal(map[string]any{"query": query, "operationName": "UpsertBucket",
		"variables": map[string]any{"name": run, "project": project, "config": `{"_wandb":{"value":{"t":{}}}}`}})
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base.JoinPath("graphql").String(), bytes.NewReader(text))
	if err != nil {
		return "", err
	}
	req.SetBasicAuth("api", key)
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: 30 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var reply struct {
		Data struct {
			UpsertBucket struct {
				Bucket struct {
					Name    string
					Project struct {
						Name   string
						Entity struct{ Name string }
					}
				}
			}
		}
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return "", err
	}
	if err := json.Unmarshal(answer, &reply); err != nil || reply.Data.UpsertBucket.Bucket.Name == "" {
		return "", fmt.Errorf("creating run %s: status %d: %.300s", run, res.StatusCode, answer)
	}
	b := reply.Data.UpsertBucket.Bucket
	return strings.Join([]string{"/files", url.PathEscape(b.Project.Entity.Name), url.PathEscape(b.Project.Name), url.PathEscape(b.Name), "file_stream"}, "/"), nil
}
