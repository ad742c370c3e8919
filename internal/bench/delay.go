package bench

import (
	"io"
	"net"
	"time"
)

// delayer forwards TCP connections and holds back what comes back, so that each
// round trip takes so much longer. It does not make a connection narrower.
type delayer struct {
	net.Listener
	to string
	by time.Duration
}

// startDelayer listens on a loopback port of its own.
func startDelayer(to string, by time.Duration) (*delayer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d := &delayer{l, to, by}
	go d.serve()
	return d, nil
}

func (d *delayer) serve() {
	for {
		c, err := d.Accept()
		if err != nil {
			return // closed
		}
		go d.forward(c)
	}
}

func (d *delayer) forward(c net.Conn) {
	defer c.Close()
	s, err := net.Dial("tcp", d.to)
	if err != nil {
		return
	}
	defer s.Close()
	go func() {
		io.Copy(s, c)
		s.Close()
	}()
	d.late(c, s)
}

// late copies, each piece so much after it came.
func (d *delayer) late(to io.Writer, from io.Reader) {
	type piece struct {
		bytes []byte
		due   time.Time
	}
	pieces := make(chan piece, 1024)
	go func() {
		defer close(pieces)
		for {
			b := make([]byte, 32<<10)
			n, err := from.Read(b)
			if n > 0 {
				pieces <- piece{b[:n], time.Now().Add(d.by)}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range pieces {
		time.Sleep(time.Until(p.due))
		if _, err := to.Write(p.bytes); err != nil {
			for range pieces { // until the reader has ended
			}
			return
		}
	}
}
