#!/usr/bin/env bash
# What must hold beside the tests: formatting, lints, types, dependencies that are used, declarations that are what the code says,
# container files that Docker would take.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo fmt --all --check
node scripts/cargo.mjs clippy --locked --workspace --all-targets -- -D warnings
if command -v cargo-machete >/dev/null; then
  cargo machete
else
  echo "check: unused dependencies are not looked for: cargo install --locked cargo-machete" >&2
fi
# In a fresh clone the packages that the scripts import are not there yet.
node --input-type=module -e "import { installPackages } from './scripts/lib/setup.mjs'; installPackages();"
npm run --silent lint
npm run --silent check:compose
# Clippy has expanded the macros of the bindings: napi-rs has noted what they export.
npm run --silent types:native
git diff --exit-code lib/native/exports.d.ts || {
  echo "lib/native/exports.d.ts is out of date: commit what 'npm run types:native' has just written" >&2
  exit 1
}
npm run --silent types
git diff --exit-code index.d.ts || {
  echo "index.d.ts is out of date: commit what 'npm run types' has just written" >&2
  exit 1
}
