// SPDX-License-Identifier: GPL-2.0
/* The helpers for rust_vma.ko. An object file can belong to only one module. */
#include "bindings_helper.h"

#ifndef RUST_VMA_INLINES_HELPERS
#include "inlined.c"
#endif
#include "module.c"
#include "process/account.c"
#include "process/any.c"
#include "process/asker.c"
#include "process/find.c"
#include "process/mapping.c"
#include "process/name.c"
#include "process/policy.c"
#include "process/protection.c"
#include "process/userfaultfd.c"
#include "stats.c"
#include "trace.c"
