/* SPDX-License-Identifier: GPL-2.0 */
/* What bindgen reads: the shim, the leaves, and the engine's helpers. */
#include "leaves.h"
#include "engine.c"
