/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The declarations that vma_hook.h takes from the kernel's headers, for
 * userland, where no module is loaded or removed while a call is in flight.
 */
#ifndef RUST_VMA_HOOK_SHIM_H
#define RUST_VMA_HOOK_SHIM_H

/* The implementation of the hooked helpers, or NULL for the bodies in C. */
extern const struct vma_hook_ops *vma_hook_ops;

#define DECLARE_STATIC_KEY_FALSE(name) extern char name
#define static_branch_unlikely(key) ((void)(key), !!vma_hook_ops)

#endif /* RUST_VMA_HOOK_SHIM_H */
