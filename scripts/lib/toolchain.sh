# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash source-path=SCRIPTDIR
# The environment in which the kernel's make finds the tools that scripts/setup chose. scripts/setup
# leaves links to them under fixed names, so nothing has to be looked up here.

# shellcheck source=paths.sh
. "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

export PATH=$CACHE/toolchain/llvm/bin:$CACHE/toolchain/bin:$PATH
export LIBCLANG_PATH=$CACHE/toolchain/llvm/lib
export RUST_LIB_SRC=$CACHE/toolchain/rust-library
