// SPDX-License-Identifier: GPL-2.0
/*
 * The helpers that are in the way of every call of the engine. Where clang and
 * rustc are built on one LLVM, Kbuild has them as bitcode, and they become part
 * of the Rust functions that call them; elsewhere they are functions.
 *
 * LLVM by itself inlines nothing from C into Rust, as the two compilers name the
 * same target in different words; hence the attribute.
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
