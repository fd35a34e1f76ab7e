// SPDX-License-Identifier: GPL-2.0
/* The helpers, for rust_vma_kunit.ko: an object can belong to one module only. */
#define RUST_VMA_KUNIT
#include "bindings_helper.h"

#ifndef RUST_VMA_INLINES_HELPERS
#include "inlined.c"
#endif
#include "module.c"
#include "process/account.c"
#include "process/any.c"
#include "process/find.c"
#include "process/mapping.c"
#include "process/name.c"
#include "process/policy.c"
#include "process/protection.c"
#include "process/userfaultfd.c"
#include "stats.c"
#include "trace.c"
#include "kunit.c"
#include "kunit_attributes.c"
#include "kunit_bench.c"
#include "kunit_cost.c"
#include "kunit_huge.c"
#include "kunit_look.c"
#include "kunit_act.c"
#include "kunit_calls.c"
#include "kunit_leaves.c"
