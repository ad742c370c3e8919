package config

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

func parseListen(v string) (string, error) {
	_, port, err := net.SplitHostPort(v)
	if err != nil {
		return "", errors.New("it must be HOST:PORT, as 127.0.0.1:8080 or :8080")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", fmt.Errorf("the port must be 0 to 65535, not %q", port)
	}
	return v, nil
}

// parseURL accepts an absolute URL; W&B's HOST may lack the scheme.
func parseURL(v string) (string, error) {
	if v == "" {
		return "", nil
	}
	if !strings.Contains(v, "://") {
		v = "https://" + v
	}
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return "", errors.New("it must be like https://ballast.example.com")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("it must have no user, query or fragment")
	case strings.Trim(u.Path, "/") != "":
		return "", errors.New("it must have no path: the SDK and the web app need the root of a host")
	}
	return u.Scheme + "://" + u.Host, nil
}

// DefaultURL is the URL of a server that listens on an address, "" when the
// port is not known yet.
func DefaultURL(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "0" {
		return ""
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// parseDatabase accepts the driver's form and a mysql:// URL.
func parseDatabase(v string) (string, error) {
	if !strings.Contains(v, "://") {
		if v != "" && !strings.Contains(v, "/") {
			return "", errors.New("it must be user:password@tcp(host:port)/database")
		}
		return v, nil
	}
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "mysql" || u.Host == "" || strings.Trim(u.Path, "/") == "" {
		return "", errors.New("it must be mysql://user:password@host:port/database")
	}
	for k := range u.Query() {
		if strings.HasPrefix(k, "ssl-") {
			return "", fmt.Errorf("the parameter %s is not supported", k)
		}
	}
	host := u.Host
	if u.Port() == "" {
		host = net.JoinHostPort(u.Hostname(), "3306")
	}
	password, _ := u.User.Password()
	dsn := u.User.Username() + ":" + password + "@tcp(" + host + ")/" + strings.Trim(u.Path, "/")
	if u.RawQuery != "" {
		dsn += "?" + u.Query().Encode() // a slash in a value would end the DSN's address
	}
	return dsn, nil
}

// parseChoice returns whether v is the first of two words.
func parseChoice(v, yes, no string) (bool, error) {
	if v != yes && v != no {
		return false, fmt.Errorf("it must be %s or %s", yes, no)
	}
	return v == yes, nil
}

func parseLevel(l *slog.Level, v string) error {
	switch v {
	case "debug", "info", "warn", "error":
		return l.UnmarshalText([]byte(v))
	}
	return errors.New("it must be debug, info, warn or error")
}

var sizeUnits = []struct {
	suffix string
	bytes  float64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}, {"", 1}}

func parseSize(v string) (int64, error) {
	for _, u := range sizeUnits {
		number, ok := strings.CutSuffix(v, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || n < 0 || n*u.bytes > math.MaxInt64/2 {
			break
		}
		return int64(n * u.bytes), nil
	}
	return 0, errors.New("it must be a size as 1048576, 64MiB or 2GB")
}

func parseDuration(v string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(v, "d"); ok {
		if n, err := strconv.ParseFloat(days, 64); err == nil && n >= 0 && n < 36500 {
			return time.Duration(n * 24 * float64(time.Hour)), nil
		}
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 {
		return 0, errors.New("it must be a duration as 90s, 5m, 12h or 30d")
	}
	return d, nil
}

func positive[T int64 | time.Duration](v T, err error) (T, error) {
	if err == nil && v <= 0 {
		err = errors.New("it must be above 0")
	}
	return v, err
}

// parseRate allows a burst of two seconds' worth, at least 10.
func parseRate(v string) (float64, int, error) {
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || n < 0 || math.IsNaN(n) || n > 1e6 {
		return 0, 0, errors.New("it must be a number of requests a second, 0 for no limit")
	}
	return n, max(10, int(2*n)), nil
}

func parseToken(v string) (string, error) {
	if v != "" && len(v) < 16 {
		return "", errors.New("it must have at least 16 characters, or be empty")
	}
	return v, nil
}

// Folder stands for the data folder as the first of a list of buckets.
const Folder = "folder"

// parseBuckets looks at the scheme only: what reads the rest is the driver.
func parseBuckets(v string) (all []string, err error) {
	for one := range strings.SplitSeq(v, ",") {
		one = strings.TrimSpace(one)
		if one == "" {
			continue
		}
		if scheme, _, _ := strings.Cut(one, "://"); scheme != "s3" && (one != Folder || len(all) > 0) {
			return nil, errors.New("each must begin with s3://, and the first may be folder for the data folder: other stores are not supported")
		}
		all = append(all, one)
	}
	return all, nil
}

func parseBucketQueue(v string) (string, error) {
	switch {
	case v == "internal://":
		return "", nil
	case strings.HasPrefix(v, "sqs://") && v != "sqs://":
		return v, nil
	}
	return "", errors.New("it must be internal:// or begin with sqs://")
}

func parseRedis(v string) (string, error) {
	if v != "" && !strings.HasPrefix(v, "redis://") && !strings.HasPrefix(v, "rediss://") {
		return "", errors.New("it must begin with redis:// or rediss://")
	}
	return v, nil
}

// parseOrigins reads origins as a browser's frame-ancestors has them: scheme,
// host, perhaps a port; the host's first part may be *. No other form reaches
// the header.
func parseOrigins(v string) ([]string, error) {
	all := strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == ',' })
	for _, o := range all {
		if !origin.MatchString(o) {
			return nil, fmt.Errorf("%q: it must be an origin as https://notebooks.example.com, https://*.example.com or http://localhost:8888, without a path", o)
		}
	}
	return all, nil
}

var origin = regexp.MustCompile(`^https?://(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:([0-9]{1,5}|\*))?$`)
