/* SPDX-License-Identifier: GPL-2.0 */
/* A difference that the running kernel has reported, done again. */
#ifndef RUST_VMA_USERLAND_REPORT_H
#define RUST_VMA_USERLAND_REPORT_H

#include "steps.h"

/* Whether C does what the report says it did, and the engine the same; *why if not. */
bool report_replay(FILE *file, char *why, size_t room);

#endif /* RUST_VMA_USERLAND_REPORT_H */
