#!/usr/bin/env bash
# What must hold beside the tests: formatting, lints, and an index.d.ts that is what the code says.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo fmt --all --check
cargo clippy --locked --workspace --all-targets -- -D warnings
npm run --silent types
git diff --exit-code index.d.ts || {
  echo "index.d.ts is out of date: commit what 'npm run types' has just written" >&2
  exit 1
}
