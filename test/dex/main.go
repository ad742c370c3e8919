// Command dex is the identity provider dex with everything that is known at its
// start: one client and the connectors whose people need no typing. Tests sign
// in with it. It is a module of its own, since the server needs none of this.
package main

import (
	"context"
	"flag"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/dexidp/dex/server"
	"github.com/dexidp/dex/storage"
	"github.com/dexidp/dex/storage/memory"
)

func main() {
	issuer := flag.String("issuer", "", "URL to serve at, http://127.0.0.1:PORT/dex")
	redirect := flag.String("redirect", "", "the client's redirect URL")
	flag.Parse()
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := serve(context.Background(), *issuer, *redirect, logger); err != nil {
		log.Fatal(err)
	}
}

// serve answers at the issuer's URL until it fails. The client is "ballast" with
// the secret "not-a-secret"; its people are dex's one sample person, of the
// group "authors".
func serve(ctx context.Context, issuer, redirect string, logger *slog.Logger) error {
	u, err := url.Parse(issuer)
	if err != nil {
		return err
	}
	store := storage.WithStaticClients(memory.New(logger), []storage.Client{
		{ID: "ballast", Secret: "not-a-secret", Name: "Ballast", RedirectURIs: []string{redirect}},
	})
	store = storage.WithStaticConnectors(store, []storage.Connector{{ID: "mock", Type: "mockCallback", Name: "Mock"}})
	handler, err := server.NewServer(ctx, server.Config{Issuer: issuer, Storage: store, SkipApprovalScreen: true, RotateKeysAfter: 10 * time.Second, Logger: logger})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", u.Host)
	if err != nil {
		return err
	}
	return (&http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}).Serve(l)
}
