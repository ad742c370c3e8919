package ingest

import (
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/prometheus/client_golang/prometheus"
)

// metrics of the write path:
//
//	ballast_ingest_requests_total{outcome}  stored, known (sent again), ahead (of a gap), superseded, gone, failed
//	ballast_ingest_points_total             values of stored requests
//	ballast_ingest_gap_lines_total          lines given up as missing
//	ballast_ingest_sessions_replaced_total  new writing sessions that set rows aside
//	ballast_ingest_refused_total            429: no memory for the body
//	ballast_ingest_heard_total              requests put off whose run counts as alive all the same
//	ballast_ingest_wait_seconds             how long the oldest request of the last pool had waited
//	ballast_ingest_bytes_in_flight          bodies in hand
//	ballast_ingest_commit_seconds           a pool's transaction
//	ballast_ingest_pool_requests            requests in a pool
//	ballast_seal_seconds{what}              history, events, console, fold, compact, erase
//	ballast_seal_bytes_total{what}          object bytes written
//	ballast_seal_lost_total                 swaps that found the rows changed
//	ballast_seal_failed_total{what}         jobs that failed and are tried again
//	ballast_jobs_dead_total{queue}          jobs that were given up
//	ballast_collected_objects_total         objects deleted by the collector
//	ballast_runs_silent_total               runs ended by the sweep: crashed, preempted, killed
type metrics struct {
	requests  *prometheus.CounterVec
	points    prometheus.Counter
	gaps      prometheus.Counter
	sessions  prometheus.Counter
	refused   prometheus.Counter
	heard     prometheus.Counter
	wait      prometheus.GaugeFunc
	inFlight  prometheus.Gauge
	commit    prometheus.Histogram
	pool      prometheus.Histogram
	seal      *prometheus.HistogramVec
	bytes     *prometheus.CounterVec
	lost      prometheus.Counter
	failed    *prometheus.CounterVec
	dead      *prometheus.CounterVec
	collected prometheus.Counter
	silent    prometheus.Counter
}

var outcomes = map[meta.Outcome]string{meta.Stored: "stored", meta.Known: "known", meta.Ahead: "ahead", meta.Superseded: "superseded", meta.NoRun: "gone"}

func newMetrics(wait func() float64) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	return &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ballast_ingest_requests_total", Help: "File stream requests by outcome."}, []string{"outcome"}),
		points:   counter("ballast_ingest_points_total", "Values stored."),
		gaps:     counter("ballast_ingest_gap_lines_total", "Lines given up as missing."),
		sessions: counter("ballast_ingest_sessions_replaced_total", "New writing sessions that set rows aside."),
		refused:  counter("ballast_ingest_refused_total", "Requests refused since too many bytes were in flight."),
		heard:    counter("ballast_ingest_heard_total", "Requests put off, whose run counts as alive all the same."),
		wait:     prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "ballast_ingest_wait_seconds", Help: "How long the oldest request of the last pool had waited."}, wait),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "ballast_ingest_bytes_in_flight", Help: "Bytes of bodies in hand."}),
		commit: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "ballast_ingest_commit_seconds", Help: "Duration of a pool's transaction.",
			Buckets: []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 5}}),
		pool: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "ballast_ingest_pool_requests", Help: "Requests in a pool.",
			Buckets: []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}}),
		seal: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "ballast_seal_seconds", Help: "Duration of background work on rows.",
			Buckets: []float64{.005, .01, .02, .05, .1, .2, .5, 1, 5, 30}}, []string{"what"}),
		bytes:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ballast_seal_bytes_total", Help: "Object bytes written."}, []string{"what"}),
		lost:      counter("ballast_seal_lost_total", "Swaps that found the rows changed."),
		failed:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ballast_seal_failed_total", Help: "Background jobs that failed and are tried again."}, []string{"what"}),
		dead:      prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ballast_jobs_dead_total", Help: "Background jobs that were given up."}, []string{"queue"}),
		collected: counter("ballast_collected_objects_total", "Objects deleted by the collector."),
		silent:    counter("ballast_runs_silent_total", "Runs ended since they fell silent."),
	}
}

// Collectors returns the metrics, to be registered by whoever serves them.
func (in *Ingest) Collectors() []prometheus.Collector {
	m := in.metrics
	return []prometheus.Collector{m.requests, m.points, m.gaps, m.sessions, m.refused, m.heard, m.wait, m.inFlight, m.commit, m.pool, m.seal, m.bytes, m.lost, m.failed, m.dead, m.collected, m.silent}
}

// count counts an answered request.
func (m *metrics) count(a *meta.Appended, points int) {
	m.requests.WithLabelValues(outcomes[a.Outcome]).Inc()
	if a.Outcome == meta.Stored {
		m.points.Add(float64(points))
	}
	if a.Gap > 0 {
		m.gaps.Add(float64(a.Gap))
	}
	if a.NewSession {
		m.sessions.Inc()
	}
}
