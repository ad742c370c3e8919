package trial_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// unruly has a client send what no client should: lines again, lines ahead of
// others, the same lines twice at once, and bodies that end early. Rows come
// out as if it had been orderly.
func (t *trial) unruly() {
	t.begin(1, 1)
	t.halt()
	c := t.clients[0]
	seen := map[string]int{}
	for range 30 {
		n := 1 + t.rnd.IntN(60)
		switch t.rnd.IntN(6) {
		case 0:
			seen["again"]++
			back := min(c.acked, 1+t.rnd.IntN(100))
			if !c.deliver(nil, c.body(c.acked-back, back, false)) {
				t.Fatal(c.failed)
			}
		case 1:
			seen["ahead"]++
			if code := t.once(c.body(c.acked+n, 5, false)); code < 500 && code != http.StatusTooManyRequests {
				t.Fatalf("lines ahead of others were answered with %d: they must be asked for again", code)
			}
			t.add(c, n)
			t.add(c, 5)
		case 2:
			seen["twice at once"]++
			body := c.body(c.acked, n, false)
			var both sync.WaitGroup
			for range 2 {
				both.Go(func() {
					for code := 0; code != http.StatusOK; code = t.once(body) {
						if code >= 400 && code < 500 && code != http.StatusTooManyRequests {
							t.Errorf("lines sent twice at once were answered with %d", code)
							return
						}
					}
				})
			}
			both.Wait()
			c.acked += n
		case 3:
			seen["cut"]++
			body := c.body(c.acked, n, false)
			if code := t.once(body[:1+t.rnd.IntN(len(body)-1)]); code == http.StatusOK {
				t.Fatal("a body that ends early was acknowledged")
			}
		case 4:
			seen["hung up"]++
			t.hangUp(c, c.body(c.acked, n, false))
		case 5:
			seen["overlapping"]++
			back := min(c.acked, t.rnd.IntN(50))
			if !c.deliver(nil, c.body(c.acked-back, back+n, false)) {
				t.Fatal(c.failed)
			}
			c.acked += n
		}
		if t.rnd.IntN(10) == 0 {
			t.again()
		}
	}
	if len(seen) < 3 {
		panic(missed(fmt.Sprintf("only %v", seen)))
	}
}

// add delivers the next rows.
func (t *trial) add(c *client, n int) {
	t.Helper()
	if !c.deliver(nil, c.body(c.acked, n, false)) {
		t.Fatal(c.failed)
	}
	c.acked += n
}

// once posts a body to the first client's run and returns the status, 0 for
// none.
func (t *trial) once(body []byte) int {
	c := t.clients[0]
	code, _, err := c.send(context.Background(), "/files/ada/trial/"+c.name()+"/file_stream", body)
	if err != nil {
		return 0
	}
	return code
}

// hangUp sends a part of a body and closes the connection.
func (t *trial) hangUp(c *client, body []byte) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", t.s.address, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	req, err := http.NewRequest("POST", t.s.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("api", t.s.key)
	fmt.Fprintf(conn, "POST /files/ada/trial/%s/file_stream HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		c.name(), t.s.address, req.Header.Get("Authorization"), len(body), body[:t.rnd.IntN(len(body))])
}

func containsAll(text string, parts ...string) bool {
	for _, p := range parts {
		if !strings.Contains(text, p) {
			return false
		}
	}
	return true
}
