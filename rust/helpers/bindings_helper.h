/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The headers for the module's own bindgen pass and for the helpers. They are the headers that
 * mm/vma.c includes, so that the engine sees the same types in the kernel and in userland tests.
 */
#ifndef RUST_VMA_BINDINGS_HELPER_H
#define RUST_VMA_BINDINGS_HELPER_H

/*
 * x86 hides the functions that flush the TLB from modules, so mm's own headers do not compile in a
 * module. The #undef does not affect headers that were included before. (Userland, where the engine
 * is built for tests, does not define MODULE.)
 */
#ifdef MODULE
#include <linux/static_call.h>
#undef MODULE
#include <asm/tlbflush.h>
#define MODULE 1
#endif

#include "vma_internal.h"
#include "vma.h"
#include "vma_hook.h"

#ifndef CONFIG_VMA_HOOK
#error rust_vma is for kernels with CONFIG_VMA_HOOK=y
#endif

/*
 * Configuration that the engine's constants depend on, as numbers, because
 * bindgen cannot evaluate the macros that depend on it.
 */
enum {
#ifdef CONFIG_MEM_SOFT_DIRTY
	RUST_VMA_TRACKS_SOFT_DIRTY = 1,
#else
	RUST_VMA_TRACKS_SOFT_DIRTY = 0,
#endif
};

#endif /* RUST_VMA_BINDINGS_HELPER_H */
