#!/bin/sh
# Builds the screens into ui/dist when a source is newer than the last build.
# Without Node the binary is built all the same and says so on its page.
set -eu
cd "$(dirname "$0")/../ui"

if ! command -v npm >/dev/null; then
	echo "ui: npm is not installed, so the binary will have no screens; install Node 20 and run make again" >&2
	exit 0
fi
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
	npm ci --no-audit --no-fund --loglevel=error
	touch node_modules/.package-lock.json
fi
if [ -f dist/index.html ] && [ -z "$(find src public frame tools index.html package.json package-lock.json vite.config.* tsconfig.json -newer dist/index.html -print -quit)" ]; then
	exit 0
fi
npm run build --silent
touch dist/index.html
