/* SPDX-License-Identifier: GPL-2.0 */
/* The input of bindgen: the shim, the leaves, and the engine's helpers. */
#include "leaves.h"
#include "engine.c"
