/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What vma_hook.h takes from the kernel's headers, for userland, where no module
 * comes or goes while a call is in flight.
 */
#ifndef RUST_VMA_HOOK_SHIM_H
#define RUST_VMA_HOOK_SHIM_H

/* The implementation of the hooked helpers; the bodies in C if NULL. */
extern const struct vma_hook_ops *vma_hook_ops;

#define DECLARE_STATIC_KEY_FALSE(name) extern char name
#define static_branch_unlikely(key) ((void)(key), !!vma_hook_ops)

#endif /* RUST_VMA_HOOK_SHIM_H */
