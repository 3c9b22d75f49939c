#!/bin/sh
# Builds driver.wasm from driver.c; further arguments go to the compiler, such as -DFAULT_INDEX_BEFORE_SLOT.
# Needs clang and lld (Debian: apt-get install clang lld). RINGPROOF names the package if it is not above this folder.
set -eu
cd "$(dirname "$0")"
header=${RINGPROOF:-../..}/drivers/foreign/c
exec clang --target=wasm32 -O2 -g -Wall -Wextra -matomics -mbulk-memory -nostdlib -Wl,--no-entry "-I$header" -o driver.wasm "$@" driver.c
