#!/usr/bin/env bash
# Runs the core's tests as aarch64 (NEON) programs: on such a machine as they are, elsewhere under qemu-user.
# Exit status 3 if the cross toolchain is not installed. Debian has all of it:
#   dpkg --add-architecture arm64 && apt-get update
#   apt-get install rustc-web libstd-rust-web-dev:arm64 gcc-aarch64-linux-gnu qemu-user-static
# With rustup the target can come from there too: rustup target add aarch64-unknown-linux-gnu
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=aarch64-unknown-linux-gnu
if [ "$(uname -m)" = aarch64 ]; then
  exec cargo test --locked --package dsp-core --lib --tests
fi

# has_std RUSTC: whether this compiler comes with the target's standard library.
has_std() {
  local folder
  folder=$("$1" --print target-libdir --target "$target" 2>/dev/null) && ls "$folder"/libstd-*.rlib >/dev/null 2>&1
}

rustc=
for candidate in rustc /usr/bin/rustc /usr/lib/rust-web/bin/rustc; do
  if has_std "$candidate"; then rustc=$(command -v "$candidate"); break; fi
done
missing=()
[ -n "$rustc" ] || missing+=("a Rust compiler with the $target standard library")
command -v aarch64-linux-gnu-gcc >/dev/null || missing+=(aarch64-linux-gnu-gcc)
command -v qemu-aarch64-static >/dev/null || missing+=(qemu-aarch64-static)
if ((${#missing[@]})); then
  printf 'test-neon: missing: %s\n' "${missing[@]}" >&2
  exit 3
fi
"$rustc" --version

# Static programs: under qemu-user a dynamically linked one was seen to hang on its first thread.
# Emulation is some ten times slower: fewer property cases, and DSPX_QUICK shrinks the long tests. Tests that start
# themselves as another process say that they are skipped where DSPX_EMULATED is set.
export RUSTC=$rustc
export CARGO_TARGET_DIR=target/neon
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER=qemu-aarch64-static
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS='-C target-feature=+crt-static'
export PROPTEST_CASES=16 DSPX_QUICK=1 DSPX_EMULATED=1
cargo test --locked --package dsp-core --lib --tests --target "$target" "$@"
