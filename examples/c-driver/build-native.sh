#!/bin/sh
# Builds the native program driver from driver.c; further arguments go to the compiler, such as -DFAULT_INDEX_BEFORE_SLOT.
# Needs gcc, or the compiler in CC. RINGPROOF names the package if it is not above this folder.
set -eu
cd "$(dirname "$0")"
library=${RINGPROOF:-../..}/drivers/foreign/c
${CC:-gcc} -O2 -g -Wall -Wextra -fsanitize=thread "-I$library" -c -o driver.o "$@" driver.c
${CC:-gcc} -O2 -g -Wall -Wextra "-I$library" -c -o ringproof.o "$library/ringproof.c"
${CC:-gcc} -o driver driver.o ringproof.o
