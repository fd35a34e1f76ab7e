/* SPDX-License-Identifier: GPL-2.0 */
/* What bindgen reads: the shim, and the engine's helpers. */
#include "first.h"
#include "engine.c"
