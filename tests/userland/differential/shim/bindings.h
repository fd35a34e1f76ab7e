/* SPDX-License-Identifier: GPL-2.0 */
/* The input of bindgen: the shim, and the engine's helpers. */
#include "first.h"
#include "engine.c"
