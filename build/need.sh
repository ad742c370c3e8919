#!/bin/sh
# need.sh NAME... installs what tests need, outside the tree where that is
# possible: into $BALLAST_CACHE (default ~/.cache/ballast).
#
#   packages  MariaDB, Redis, Chromium, a C compiler (for -race), openssl, strace, by apt when we are root
#   services  servers that speak S3 and SQS (versitygw; moto, in a Python environment), and OpenID Connect (dex)
#   promtool  what checks the rules of deploy/watch
#   sdk       a Python environment for each wandb version that is tested
#   readers   a Python environment with other readers of Parquet
#   terraform Terraform, or OpenTofu under its name when there is none
#   browser   the browser tests' Node packages
set -eu
cd "$(dirname "$0")/.."
cache=${BALLAST_CACHE:-$HOME/.cache/ballast}
mkdir -p "$cache"

# missing prints the apt packages whose command is not there.
missing() {
	command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || echo mariadb-server
	command -v redis-server >/dev/null || echo redis-server
	command -v chromium >/dev/null || [ -n "${CHROMIUM:-}" ] || echo chromium
	command -v cc >/dev/null || echo gcc libc6-dev
	python3 -c 'import venv, ensurepip' 2>/dev/null || echo python3 python3-venv
	command -v npm >/dev/null || echo nodejs npm
	command -v openssl >/dev/null || echo openssl
	command -v strace >/dev/null || [ "$(uname)" != Linux ] || echo strace
}

packages() {
	want=$(missing | tr '\n' ' ')
	[ -z "$want" ] && return
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		echo "these packages are missing, and only root can install them: $want" >&2
		echo "install them, or leave the steps that need them out: BALLAST_SKIP=\"mysql sdk browser\" make test" >&2
		exit 1
	fi
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	# shellcheck disable=SC2086
	apt-get install -qq -y --no-install-recommends $want >/dev/null
}

# python NAME PACKAGES makes a Python environment with the packages, once.
python() {
	dir=$cache/$1
	if [ -x "$dir/bin/python" ] && [ "$(cat "$dir/installed" 2>/dev/null)" = "$2" ]; then
		return
	fi
	rm -rf "$dir"
	python3 -m venv "$dir"
	# shellcheck disable=SC2086
	"$dir/bin/pip" install -q --disable-pip-version-check $2
	printf '%s' "$2" >"$dir/installed"
}

sdk() {
	for v in $(build/sdks.sh); do
		python "wandb-$v" "wandb==$v $(cat test/sdk/requirements.txt)"
	done
}

# tool NAME PACKAGE VERSION builds a program of another module, once.
tool() {
	was=$cache/bin/$1.version
	if [ -x "$cache/bin/$1" ] && [ "$(cat "$was" 2>/dev/null)" = "$3" ]; then
		return
	fi
	mkdir -p "$cache/bin"
	(cd / && CGO_ENABLED=0 GOBIN=$cache/bin go install "$2@$3")
	printf '%s' "$3" >"$was"
}

# dex builds the identity provider of test/dex, once.
dex() {
	want=$(cat test/dex/go.sum test/dex/main.go | cksum)
	if [ -x "$cache/bin/dex" ] && [ "$(cat "$cache/bin/dex.version" 2>/dev/null)" = "$want" ]; then
		return
	fi
	mkdir -p "$cache/bin"
	(cd test/dex && CGO_ENABLED=0 go build -o "$cache/bin/dex" .)
	printf '%s' "$want" >"$cache/bin/dex.version"
}

services() {
	dex
	tool versitygw github.com/versity/versitygw/cmd/versitygw v1.8.0
	python moto "moto[server]==5.2.5"
}

# promtool is in Debian's package of Prometheus, whose server is not wanted.
promtool() {
	[ ! -x "$cache/bin/promtool" ] || return 0
	dir=$(mktemp -d)
	(cd "$dir" && apt-get download -qq prometheus >/dev/null && dpkg -x prometheus_*.deb .)
	mkdir -p "$cache/bin"
	mv "$dir/usr/bin/promtool" "$cache/bin/promtool"
	rm -rf "$dir"
}

# terraform takes the one that is installed, from 1.6 on; OpenTofu 1.12 is built
# from its module, with the one replacement that its go.mod has.
terraform() {
	if (unset -f terraform; command -v terraform >/dev/null) || [ -x "$cache/bin/terraform" ]; then
		return
	fi
	mkdir -p "$cache/bin"
	dir=$(mktemp -d)
	(cd "$dir" && go mod init tofu >/dev/null 2>&1 &&
		go mod edit -replace github.com/hashicorp/hcl/v2@v2.20.1=github.com/opentofu/hcl/v2@v2.20.2-0.20251021132045-587d123c2828 &&
		go get github.com/opentofu/opentofu@v1.12.6 &&
		CGO_ENABLED=0 go build -o "$cache/bin/terraform" github.com/opentofu/opentofu/cmd/tofu)
	rm -rf "$dir"
	[ -x "$cache/bin/terraform" ]
}

readers() {
	python readers "pyarrow==26.0.1 duckdb==2.0.1"
}

browser() {
	cd test/browser
	if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
		npm ci --no-audit --no-fund --loglevel=error
		touch node_modules/.package-lock.json
	fi
	cd ../..
}

for name in "$@"; do
	"$name"
done
