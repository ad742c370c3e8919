#!/bin/bash
# test.sh all | check | nightly | NAME... runs the steps that are functions below and
# prints, at the end, each with its result. The output of a step is in
# test-results/NAME.log; what matters of it is shown when the step ends.
#
# BALLAST_SKIP="browser sdk" leaves steps out on purpose ("mysql" leaves out
# the tests on MariaDB). Nothing is left out by itself: what a step needs and
# cannot be installed makes it fail.
set -u
cd "$(dirname "$0")/.."
export PATH=$PATH:/usr/sbin
cache=${BALLAST_CACHE:-$HOME/.cache/ballast}
logs=$PWD/test-results
mkdir -p "$logs"
rm -f "$logs"/*.log "$logs"/*.result
[[ " ${BALLAST_SKIP:-} " == *" mysql "* ]] && export BALLAST_TEST_SKIP_MYSQL=1
[[ " ${BALLAST_SKIP:-} " == *" sdk "* ]] && export BALLAST_TEST_SKIP_SDK=1

format() {
	local wrong
	wrong=$(git ls-files -co --exclude-standard '*.go' | xargs -r ls 2>/dev/null | grep -v /generated/ | xargs gofmt -l)
	[ -z "$wrong" ] || { echo "gofmt -w these:"; echo "$wrong"; return 1; }
}

vet() { go vet ./...; }

# generated fails when "make generate" would change a file.
generated() {
	local was; was=$(mktemp -d)/generated
	cp -r internal/graph/generated "$was" || return
	go generate ./internal/graph || return
	diff -r "$was" internal/graph/generated >/dev/null && rm -rf "${was%/*}" && return
	echo "internal/graph/generated was stale: make generate, and commit it"
	return 1
}

screens() { build/ui.sh && cd ui && npm test --silent && npm run check --silent; }

build() { make --no-print-directory build; }

# gotests has its time limit for each package.
gotests() { build/need.sh readers services && BALLAST_BIN=$PWD/bin/ballast go test -race -timeout 10m ./...; }

sdk() {
	build/need.sh sdk || return
	local v code=0
	for v in $(build/sdks.sh); do
		echo "wandb $v"
		# Most of a test is waiting, so more workers than cores pay off.
		"$cache/wandb-$v/bin/python" -m pytest -q -p no:cacheprovider -n 4 --dist loadfile --no-loadscope-reorder test/sdk || code=1
	done
	return $code
}

browser() {
	build/need.sh browser sdk services || return
	local newest
	newest=$(build/sdks.sh | cut -d' ' -f1)
	cd test/browser && BALLAST_BIN=$OLDPWD/bin/ballast BALLAST_PYTHON=$cache/wandb-$newest/bin/python npm test --silent
}

# terraform runs the real Terraform over providers that keep their own world
# (test/terraform/stub); a Go module of its own keeps their libraries out of ours.
terraform() {
	build/need.sh terraform || return
	cd test/terraform && go vet . ./stub ./page ./cmd/... && BALLAST_BIN=${OLDPWD}/bin/ballast PATH=$PATH:$cache/bin go test -count=1 -timeout 10m . ./stub
}

# chart renders the Helm chart; Helm's own packages take a minute to compile.
chart() { cd test/terraform && go vet ./chart && go test ./chart; }

# terraform_nightly breaks an apply off after each of its resources.
terraform_nightly() { BALLAST_ALL=1 terraform; }

# sdk_nightly is what is too large for each run of the tests: files of 5 GB.
sdk_nightly() {
	build/need.sh sdk || return
	local v code=0
	for v in $(build/sdks.sh); do
		echo "wandb $v"
		"$cache/wandb-$v/bin/python" -m pytest -q -p no:cacheprovider -s test/sdk/nightly_*.py || code=1
	done
	return $code
}

# cluster is several replicas on real services, and the SDK's scenarios on them.
cluster() {
	build/need.sh services sdk || return
	local v pythons=
	for v in $(build/sdks.sh); do pythons=$pythons:$cache/wandb-$v/bin/python; done
	BALLAST_BIN=$PWD/bin/ballast BALLAST_TEST_CLUSTER_SDK=${pythons#:} go test -count=1 -timeout 60m -v ./test/cluster
}

# browser_nightly walks through every screen in every state, theme and size, a
# table of 100,000 runs and a log of a million lines, takes pictures of them,
# and looks at the memory after ten minutes of live updates, and ten more.
browser_nightly() {
	build/need.sh browser sdk || return
	local newest
	newest=$(build/sdks.sh | cut -d' ' -f1)
	cd test/browser || return
	export BALLAST_BIN=$OLDPWD/bin/ballast BALLAST_PYTHON=$cache/wandb-$newest/bin/python BALLAST_PICTURES=$logs/pictures
	BALLAST_ALL=1 node --test --test-concurrency=1 --test-timeout=3600000 --test-reporter=spec {states,table,longlog}.test.mjs && BALLAST_HEAP_MINUTES=10 node bench.mjs --strict heap
}

# rules_nightly has Prometheus itself read the alert rules.
rules_nightly() { build/need.sh promtool && "$cache/bin/promtool" check rules deploy/watch/rules.yaml; }

# packages are there before the lanes start: Go tests read the wandb packages too.
packages() { build/need.sh packages $([ -n "${BALLAST_TEST_SKIP_SDK:-}" ] || echo sdk); }

# closing shows what matters of a step's log: all of it when the step failed,
# else the lines that tests end with.
closing() {
	if [ "$2" != 0 ]; then
		grep -E ' showed: | has no answer after ' "$logs/$1.log" | cut -c1-800 # the pages of failed walks
		tail -n 200 "$logs/$1.log"
	else
		grep -E '^(ok|---|FAIL|\?) |passed|failed|skipped|SKIP|^wandb |^(ℹ|#) (tests|pass|fail|skipped)|^idle |^within |^MISSED |Tests |Test Files ' "$logs/$1.log" | grep -v 'no test files'
	fi
}

# step NAME... runs steps one after the other; several of these run at once.
step() {
	local name code begun
	for name in "$@"; do
		if [[ " ${BALLAST_SKIP:-} " == *" $name "* ]]; then
			echo "skipped $name: BALLAST_SKIP names it" >"$logs/$name.result"
			continue
		fi
		begun=$SECONDS
		(set -u; "$name") >"$logs/$name.log" 2>&1
		code=$?
		{
			echo "== $name: $([ $code = 0 ] && echo ok || echo FAILED) after $((SECONDS - begun)) s"
			closing "$name" $code
		} >"$logs/$name.closing"
		cat "$logs/$name.closing"
		rm "$logs/$name.closing"
		echo "$([ $code = 0 ] && echo ok || echo FAILED) $name $((SECONDS - begun)) s" >"$logs/$name.result"
	done
}

case ${1:-all} in
all)
	step packages build format generated # the last writes code that the others compile
	# Two lanes on two cores: the race detector's is about as long as the rest.
	step vet screens gotests terraform &
	step sdk browser &
	wait
	;;
nightly) step packages build rules_nightly sdk_nightly browser_nightly terraform_nightly chart cluster ;;
check) step format vet generated screens ;;
*) step "$@" ;;
esac

echo "== results"
cat "$logs"/*.result
if [ -n "${BALLAST_TEST_SKIP_MYSQL:-}" ]; then
	echo "skipped the tests on MariaDB: BALLAST_SKIP names mysql"
fi
echo "in $SECONDS s"
! grep -q '^FAILED' "$logs"/*.result
