// SPDX-License-Identifier: GPL-2.0
/* The helpers, for rust_vma.ko: an object can belong to one module only. */
#include "engine.c"
#include "module.c"
#include "change.c"
#include "stats.c"
#include "trace.c"
