/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every file of the second host is compiled with this header, by -include. It
 * is upstream's shim of tools/testing/vma, in which everything that merging and
 * splitting rely on is real (include/stubs.h, include/custom.h), and in which
 * any warning is a failure.
 */
#ifndef RUST_VMA_SHIM_FIRST_H
#define RUST_VMA_SHIM_FIRST_H

/* The configuration of the kernels that the module is built for. */
#define CONFIG_NUMA		1
#define CONFIG_ANON_VMA_NAME	1
#define CONFIG_USERFAULTFD	1
#define CONFIG_MEM_SOFT_DIRTY	1
#ifndef WITHOUT_DEBUG_VM
#define CONFIG_DEBUG_VM		1
#endif

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "generated/bit-length.h"
#include "maple-shared.h"

/* Any warning is a bug, because the histories contain only valid calls. */
__noreturn void shim_failed(const char *file, int line, const char *what);

#undef WARN
#undef WARN_ON
#undef WARN_ON_ONCE
#undef WARN_ONCE
#define WARN_ON(condition) ({					\
	bool __failed = !!(condition);				\
	if (__builtin_expect(__failed, false))			\
		shim_failed(__FILE__, __LINE__, #condition);	\
	__failed;						\
})
#define WARN_ON_ONCE(condition)	WARN_ON(condition)
#define WARN(condition, ...)	WARN_ON(condition)
#define WARN_ONCE(condition, ...) WARN_ON(condition)

/*
 * There is one thread, and each step ends a grace period: no user may keep a
 * node of the tree for longer. The functions for readers do nothing.
 */
void shim_call_rcu(struct rcu_head *head, void (*function)(struct rcu_head *head));
#undef call_rcu
#define call_rcu shim_call_rcu
#undef rcu_read_lock
#define rcu_read_lock()		do { } while (0)
#undef rcu_read_unlock
#define rcu_read_unlock()	do { } while (0)

#include "vma_internal.h"

#endif /* RUST_VMA_SHIM_FIRST_H */
