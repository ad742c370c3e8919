# make run       build, start everything in ./data, print URL, sign-in and key
# make test      everything that CI runs; installs what it needs into $BALLAST_CACHE
# make test-nightly  what is too large for each run: files of 5 GB, each screen in every state, theme and size, memory after ten minutes
# make test-cluster  several replicas on MariaDB, S3, Redis and SQS, and the scenarios of the SDK on them
# make test-terraform  the modules, the chart and the founding page on a stub of AWS
# make pictures  docs/pictures, of every screen
# make check     the fast part of it: format, vet, generated files, types, lint
# make build     bin/ballast, with the screens
# make ui        ui/dist, which the binary embeds
# make generate  code that follows from internal/graph/schema
# make trials    1,000 short lives of a server under faults, for the night (BALLAST_TRIALS, BALLAST_SEED)
# make bench     the figures, each with its limit
# make bench-ui  what the screens cost in Chromium, each with its goal (BALLAST_HEAP_MINUTES)

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LISTEN  ?= 127.0.0.1:8080

.PHONY: run test test-terraform test-nightly test-cluster check build ui generate trials bench bench-ui pictures

run: build
	bin/ballast serve --data ./data --listen $(LISTEN) --quickstart

test:
	build/test.sh all

test-terraform:
	build/test.sh build terraform chart

test-nightly:
	build/test.sh nightly

test-cluster:
	build/test.sh packages build cluster

check:
	build/test.sh check

build: ui
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/ballast ./cmd/ballast

ui:
	build/ui.sh

generate:
	go generate ./internal/graph

trials: build
	BALLAST_BIN=$(CURDIR)/bin/ballast BALLAST_TRIALS=$${BALLAST_TRIALS:-1000} go test ./test/trial -count=1 -timeout 6h -run TestTrials -v

bench: build
	bin/ballast bench all --out docs

bench-ui: build
	build/need.sh browser
	cd test/browser && BALLAST_BIN=$(CURDIR)/bin/ballast node bench.mjs --out $(CURDIR)/docs

pictures: build
	build/need.sh browser sdk
	cd test/browser && BALLAST_BIN=$(CURDIR)/bin/ballast BALLAST_PYTHON=$$(ls -d $${BALLAST_CACHE:-$$HOME/.cache/ballast}/wandb-*/bin/python | sort -V | tail -1) node pictures.mjs
