// SPDX-License-Identifier: GPL-2.0
/*
 * The helpers of the engine, for rust_vma_sample.ko. An object file can belong to only one
 * module.
 */
#include "bindings_helper.h"

#ifndef RUST_VMA_INLINES_HELPERS
#include "engine.c"
#endif
