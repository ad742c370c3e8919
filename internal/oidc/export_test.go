package oidc

import "time"

// Patience sets how long each request to the provider may take.
func (p *Provider) Patience(d time.Duration) { p.client.Timeout = d }
