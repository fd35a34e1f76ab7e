// SPDX-License-Identifier: GPL-2.0
/*
 * The helpers that every call to the engine uses. If clang and rustc are built on the same LLVM,
 * Kbuild compiles the helpers to bitcode, and LLVM inlines them into the Rust functions that call
 * them. Otherwise they are ordinary functions.
 *
 * Without the attribute, LLVM does not inline C into Rust, because the two compilers describe the
 * same target differently.
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
