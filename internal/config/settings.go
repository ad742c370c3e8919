package config

import "strings"

// Setting is a row of the table.
type Setting struct {
	Name    string   // as a flag and in the file: "log-level"
	Aliases []string // W&B Server's environment names
	Type    string   // for people: "path", "size", "duration", "a | b"
	Default string
	Help    string
	Secret  bool
	Planned string // the feature that does not exist yet; only the default is accepted
	Ignored bool   // accepted for the sake of old deployments, without effect

	set func(*Config, string) error
}

// Env is the setting's name in the environment.
func (s Setting) Env() string {
	return "BALLAST_" + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
}

// Table returns every setting.
func Table() []Setting { return append(present(), planned()...) }

func present() []Setting {
	return []Setting{
		{Name: "data", Type: "path", Default: "./data", Help: "folder that keeps everything: database, objects, secret key",
			set: func(c *Config, v string) error { c.Data = v; return nil }},
		{Name: "listen", Type: "host:port", Default: "127.0.0.1:8080", Help: "address to serve HTTP on",
			set: func(c *Config, v string) (err error) { c.Listen, err = parseListen(v); return err }},
		{Name: "url", Aliases: []string{"HOST"}, Type: "URL", Help: "address that people and SDKs reach the server by; made from listen when empty",
			set: func(c *Config, v string) (err error) { c.URL, err = parseURL(v); return err }},
		{Name: "config", Type: "path", Help: "YAML file with settings, by these names",
			set: func(*Config, string) error { return nil }},
		{Name: "database", Aliases: []string{"MYSQL"}, Type: "DSN", Secret: true,
			Help: "MySQL, as user:password@tcp(host:port)/database or mysql://user:password@host:port/database, with ?ca=/path/of.pem for TLS under an authority of one's own; SQLite in the data folder when empty",
			set:  func(c *Config, v string) (err error) { c.Database, err = parseDatabase(v); return err }},
		{Name: "database-password", Type: "text", Secret: true,
			Help: "password of MySQL when it is not in its address; file:PATH is read again at each new connection, so that it may rotate",
			set:  func(*Config, string) error { return nil }},
		{Name: "bucket", Aliases: []string{"BUCKET", "GORILLA_FILE_STORE", "GORILLA_STORAGE_BUCKET"}, Type: "list", Secret: true,
			Help: "where objects go: s3://bucket/prefix, or s3://KEY:SECRET@HOST/bucket?tls=true of a compatible server; further ones, after commas, stay readable; the data folder when empty",
			set:  func(c *Config, v string) (err error) { c.Buckets, err = parseBuckets(v); return err }},
		{Name: "bucket-region", Aliases: []string{"AWS_REGION"}, Type: "region", Help: "of the bucket; asked of Amazon when empty",
			set: func(c *Config, v string) error { c.BucketRegion = v; return nil }},
		{Name: "bucket-kms-key", Aliases: []string{"AWS_S3_KMS_ID"}, Type: "id or ARN", Help: "KMS key that objects are encrypted with; as the bucket's default says when empty",
			set: func(c *Config, v string) error { c.BucketKMSKey = v; return nil }},
		{Name: "bucket-queue", Aliases: []string{"BUCKET_QUEUE"}, Type: "address", Default: "internal://",
			Help: "where the bucket's notices of new objects come: sqs://NAME or sqs://https://… (its URL); internal:// when clients' own reports do",
			set:  func(c *Config, v string) (err error) { c.BucketQueue, err = parseBucketQueue(v); return err }},
		{Name: "queue", Type: "address", Default: "internal://",
			Help: "bell that calls workers to background jobs at once: sqs://NAME or sqs://https://… (its URL), a standard queue; internal:// when they look by themselves",
			set:  func(c *Config, v string) (err error) { c.Queue, err = parseBucketQueue(v); return err }},
		{Name: "redis", Aliases: []string{"REDIS"}, Type: "URL", Secret: true,
			Help: "cache that replicas share: redis://:password@host:6379/0 or rediss://…, with ?cluster=true for a cluster; memory alone when empty",
			set:  func(c *Config, v string) (err error) { c.Redis, err = parseRedis(v); return err }},
		{Name: "secret-key", Type: "list", Secret: true,
			Help: "keys of at least 32 characters that API keys and signed URLs depend on: the first signs, all verify; made once in secret.key of the data folder when empty",
			set:  func(c *Config, v string) (err error) { c.SecretKeys, err = parseSecretKeys(v); return err }},
		{Name: "migrate", Type: "auto | off", Default: "auto", Help: "whether the start brings the database's schema up to date",
			set: func(c *Config, v string) (err error) { c.Migrate, err = parseChoice(v, "auto", "off"); return err }},
		{Name: "jobs", Type: "on | off", Default: "on", Help: "whether this process runs background jobs",
			set: func(c *Config, v string) (err error) { c.Jobs, err = parseChoice(v, "on", "off"); return err }},
		{Name: "drain-delay", Type: "duration", Default: "0s", Help: "how long a server that is told to stop still takes requests while /ready refuses: as long as a load balancer needs to notice",
			set: func(c *Config, v string) (err error) { c.DrainDelay, err = parseDuration(v); return err }},
		{Name: "log-level", Type: "debug | info | warn | error", Default: "info", Help: "least important log line to write",
			set: func(c *Config, v string) error { return parseLevel(&c.LogLevel, v) }},
		{Name: "log-format", Type: "text | json", Default: "text", Help: "form of log lines",
			set: func(c *Config, v string) (err error) { c.LogJSON, err = parseChoice(v, "json", "text"); return err }},
		{Name: "memory-limit", Type: "size", Default: "0", Help: "memory above which the collector works harder (GOMEMLIMIT); 0 leaves it to the environment",
			set: func(c *Config, v string) (err error) { c.MemoryLimit, err = parseSize(v); return err }},
		{Name: "ingest-inflight-bytes", Type: "size", Default: "32MiB", Help: "bodies of file streams being taken in at once; further requests wait, then get 429",
			set: func(c *Config, v string) (err error) { c.IngestInflight, err = positive(parseSize(v)); return err }},
		{Name: "body-limit", Type: "size", Default: "64MiB", Help: "largest body of a file stream request, decompressed",
			set: func(c *Config, v string) (err error) { c.BodyLimit, err = positive(parseSize(v)); return err }},
		{Name: "rate-limit", Type: "requests/s", Default: "0", Help: "requests a second for each API key, past it 429; 0 for no limit",
			set: func(c *Config, v string) (err error) { c.RateLimit, c.RateBurst, err = parseRate(v); return err }},
		{Name: "crash-after", Type: "duration", Default: "5m", Help: "silence after which a run counts as crashed",
			set: func(c *Config, v string) (err error) { c.CrashAfter, err = positive(parseDuration(v)); return err }},
		{Name: "undelete-window", Type: "duration", Default: "30d", Help: "how long what was deleted can be brought back; then its space is freed",
			set: func(c *Config, v string) (err error) { c.Undelete, err = positive(parseDuration(v)); return err }},
		{Name: "merge-rate", Type: "size", Default: "16MiB", Help: "bytes a second that merging history in the background writes at most; it takes half a processor at most",
			set: func(c *Config, v string) (err error) { c.MergeRate, err = positive(parseSize(v)); return err }},
		{Name: "session-lifetime", Aliases: []string{"SESSION_LENGTH", "GORILLA_SESSION_LENGTH"}, Type: "duration", Default: "30d", Help: "how long a browser stays signed in without use",
			set: func(c *Config, v string) (err error) { c.SessionLifetime, err = positive(parseDuration(v)); return err }},
		{Name: "revert-after", Type: "duration", Default: "1m", Help: "how long settings changed on /system-admin may fail to work before they are taken back",
			set: func(c *Config, v string) (err error) { c.RevertAfter, err = positive(parseDuration(v)); return err }},
		{Name: "oidc-issuer", Aliases: []string{"OIDC_ISSUER", "GORILLA_OIDC_ISSUER"}, Type: "URL", Help: "identity provider that people may sign in with, by OpenID Connect; several: oidc-providers",
			set: func(c *Config, v string) error { c.oidc.issuer = v; return nil }},
		{Name: "oidc-client-id", Aliases: []string{"OIDC_CLIENT_ID", "GORILLA_OIDC_CLIENT_ID"}, Type: "text", Help: "who we are at oidc-issuer",
			set: func(c *Config, v string) error { c.oidc.client = v; return nil }},
		{Name: "oidc-secret", Aliases: []string{"OIDC_SECRET", "OIDC_CLIENT_SECRET", "GORILLA_OIDC_SECRET"}, Type: "text", Secret: true, Help: "our secret at oidc-issuer; empty for a client without one, which PKCE protects",
			set: func(c *Config, v string) error { c.oidc.secret = v; return nil }},
		{Name: "oidc-auth-method", Aliases: []string{"OIDC_AUTH_METHOD", "GORILLA_AUTH_METHOD"}, Type: "pkce", Default: "pkce", Help: "the code flow with PKCE; the implicit flow is not offered",
			set: func(_ *Config, v string) error { return checkAuthMethod(v) }},
		{Name: "oidc-scopes", Aliases: []string{"GORILLA_OIDC_CUSTOM_SCOPES"}, Type: "list", Help: "scopes to ask oidc-issuer for beside openid, profile and email",
			set: func(c *Config, v string) error { c.oidc.scopes = words(v); return nil }},
		{Name: "oidc-providers", Type: "YAML", Secret: true, Help: "further identity providers with the roles that their groups give, as file:PATH of a YAML list (docs/sign-in.md)",
			set: func(c *Config, v string) (err error) { c.OIDC, err = parseProviders(v); return err }},
		{Name: "sso-provisioning-off", Aliases: []string{"DISABLE_SSO_PROVISIONING", "GORILLA_DISABLE_SSO_PROVISIONING"}, Type: "true | false", Default: "false", Help: "whether people without an account get none by signing in at oidc-issuer",
			set: func(c *Config, v string) (err error) {
				c.oidc.closed, err = parseChoice(v, "true", "false")
				return err
			}},
		{Name: "password-sign-in", Type: "everybody | admins", Default: "everybody", Help: "who may sign in with a password; admins of the instance always may, so that a broken identity provider locks nobody out for good",
			set: func(c *Config, v string) (err error) {
				c.PasswordsForAdmins, err = parseChoice(v, "admins", "everybody")
				return err
			}},
		{Name: "cache-bytes", Type: "size", Default: "64MiB", Help: "memory for results that repeat",
			set: func(c *Config, v string) (err error) { c.CacheBytes, err = parseSize(v); return err }},
		{Name: "metrics-token", Type: "text", Secret: true, Help: "bearer token that /metrics asks for; without one only this machine may read it",
			set: func(c *Config, v string) (err error) { c.MetricsToken, err = parseToken(v); return err }},
		{Name: "frame-ancestors", Type: "list", Help: "origins that may show the screens in a frame, as http://localhost:8888 or https://*.example.com, with spaces between; the server's own always may",
			set: func(c *Config, v string) (err error) { c.Frames, err = parseOrigins(v); return err }},
		{Name: "license", Aliases: []string{"LICENSE", "GORILLA_LICENSE"}, Type: "text", Secret: true, Ignored: true, Help: "accepted and ignored: Ballast needs none",
			set: func(*Config, string) error { return nil }},
	}
}

// planned are the settings whose feature is to come. They are here so that a
// server that is told to use one refuses to start.
func planned() []Setting {
	all := []Setting{
		{Name: "notifications-queue", Aliases: []string{"NOTIFICATIONS_QUEUE"}, Planned: "publishing run events"},
		{Name: "sso-groups", Aliases: []string{"GORILLA_ENABLE_SSO_GROUP_CLAIMS", "GORILLA_ENABLE_SSO_GROUPS_CLAIMS"}, Default: "false", Planned: "teams that are made of a provider's groups (oidc-providers gives roles in existing teams)"},
		{Name: "ldap-address", Aliases: []string{"LOCAL_LDAP_ADDRESS", "LDAP_ADDRESS"}, Planned: "signing in with LDAP"},
		{Name: "ldap-base-dn", Aliases: []string{"LOCAL_LDAP_BASE_DN", "LDAP_BASE_DN"}, Planned: "signing in with LDAP"},
		{Name: "ldap-bind-dn", Aliases: []string{"LOCAL_LDAP_BIND_DN", "LDAP_BIND_DN"}, Planned: "signing in with LDAP"},
		{Name: "ldap-bind-password", Aliases: []string{"LOCAL_LDAP_BIND_PW", "LDAP_BIND_PW"}, Secret: true, Planned: "signing in with LDAP"},
		{Name: "ldap-group-allow-list", Aliases: []string{"LOCAL_LDAP_GROUP_ALLOW_LIST"}, Planned: "signing in with LDAP"},
		{Name: "ldap-login", Aliases: []string{"LOCAL_LDAP_LOGIN", "LDAP_LOGIN"}, Default: "false", Planned: "signing in with LDAP"},
		{Name: "smtp", Aliases: []string{"GORILLA_EMAIL_SINK"}, Secret: true, Planned: "sending mail"},
		{Name: "email-from", Aliases: []string{"GORILLA_EMAIL_FROM_ADDRESS"}, Planned: "sending mail"},
		{Name: "slack-client-id", Aliases: []string{"SLACK_CLIENT_ID", "GORILLA_SLACK_CLIENT_ID"}, Planned: "alerts in Slack"},
		{Name: "slack-secret", Aliases: []string{"SLACK_SECRET", "GORILLA_SLACK_SECRET"}, Secret: true, Planned: "alerts in Slack"},
		{Name: "retention", Aliases: []string{"GORILLA_DATA_RETENTION_PERIOD"}, Planned: "purging deleted data after a while"},
		{Name: "personal-entities-off", Aliases: []string{"GORILLA_DISABLE_PERSONAL_ENTITY"}, Default: "false", Planned: "forbidding personal projects"},
		{Name: "admin-team-access-off", Aliases: []string{"GORILLA_DISABLE_ADMIN_TEAM_ACCESS"}, Default: "false", Planned: "hiding teams from admins"},
		{Name: "audit-log", Aliases: []string{"GORILLA_COLLECT_AUDIT_LOGS"}, Default: "false", Planned: "the audit log"},
		{Name: "trusted-proxies", Planned: "believing what proxies say about the client's address"},
		{Name: "tls-cert", Planned: "serving HTTPS without a proxy"},
		{Name: "tls-key", Planned: "serving HTTPS without a proxy"},
	}
	for i := range all {
		all[i].Type, all[i].Help = "to come", all[i].Planned+": not supported yet"
	}
	return all
}
