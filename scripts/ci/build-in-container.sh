#!/bin/sh
# Builds the addon inside a manylinux (glibc) or Alpine (musl) image of the release workflow.
set -eu
if [ -f /etc/alpine-release ]; then
  apk add --no-cache build-base linux-headers perl nodejs npm
  # A shared library needs the dynamic libc that Node itself uses.
  export RUSTFLAGS='-C target-feature=-crt-static'
  # The toolchain of the image, by whatever name: rust-toolchain.toml would have "stable" downloaded.
  RUSTUP_TOOLCHAIN=$(rustup toolchain list | cut -d' ' -f1 | head -n 1)
  export RUSTUP_TOOLCHAIN
else
  dnf module enable -y nodejs:20
  dnf install -y nodejs npm perl-core
  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal
  export PATH="$HOME/.cargo/bin:$PATH"
fi
npm run build:release
