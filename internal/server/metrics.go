package server

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the server's own figures; docs/metrics.md says what each means.
type metrics struct {
	registry *prometheus.Registry
	seconds  *prometheus.HistogramVec
	inFlight prometheus.Gauge
	bytes    prometheus.Counter
	live     prometheus.Gauge
	panics   prometheus.Counter
}

func newMetrics(reg *prometheus.Registry) *metrics {
	m := &metrics{
		registry: reg,
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ballast_http_request_seconds", Help: "Time to answer a request, by route and class of status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
		}, []string{"route", "status"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "ballast_http_requests_in_flight", Help: "Requests being answered."}),
		bytes:    prometheus.NewCounter(prometheus.CounterOpts{Name: "ballast_stream_bytes_total", Help: "Bytes of file stream bodies read, after gunzip."}),
		live:     prometheus.NewGauge(prometheus.GaugeOpts{Name: "ballast_live_streams", Help: "Browsers that follow a project."}),
		panics:   prometheus.NewCounter(prometheus.CounterOpts{Name: "ballast_http_panics_total", Help: "Requests that ended in a panic: each is a bug."}),
	}
	reg.MustRegister(m.seconds, m.inFlight, m.bytes, m.live, m.panics)
	return m
}

// routeTimes are the histograms of one route, looked up once each.
type routeTimes [6]func() prometheus.Observer

func (m *metrics) route(pattern string) *routeTimes {
	var t routeTimes
	for class := range t {
		name := [...]string{"other", "1xx", "2xx", "3xx", "4xx", "5xx"}[class]
		t[class] = sync.OnceValue(func() prometheus.Observer { return m.seconds.WithLabelValues(pattern, name) })
	}
	return &t
}

func (t *routeTimes) observe(status int, d time.Duration) {
	class := status / 100
	if class < 0 || class >= len(t) {
		class = 0
	}
	t[class]().Observe(d.Seconds())
}
