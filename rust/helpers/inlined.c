// SPDX-License-Identifier: GPL-2.0
/*
 * The helpers on the path of every call of the engine. If clang and rustc are built on the same
 * LLVM, Kbuild compiles the helpers to bitcode, and LLVM inlines them into the Rust functions that
 * call them. Otherwise they are ordinary functions.
 *
 * LLVM does not inline C into Rust without the attribute, because the two compilers describe the
 * same target in different words.
 */
#include "bindings_helper.h"
#include "counts.h"

#ifdef RUST_VMA_BITCODE
#pragma clang attribute push([[clang::always_inline]], apply_to = function)
#endif

#include "engine.c"
#include "count.c"

#ifdef RUST_VMA_BITCODE
#pragma clang attribute pop
#endif
