/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Upstream's copies of the kernel's definitions, of which stubs.h replaces one.
 */
#ifndef RUST_VMA_SHIM_DUP_H
#define RUST_VMA_SHIM_DUP_H

#define mapping_allow_writable	upstream_mapping_allow_writable
#include "upstream/dup.h"
#undef mapping_allow_writable

#endif /* RUST_VMA_SHIM_DUP_H */
