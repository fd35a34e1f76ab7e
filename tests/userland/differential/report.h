/* SPDX-License-Identifier: GPL-2.0 */
/* The replay of a difference that the running kernel reported. */
#ifndef RUST_VMA_USERLAND_REPORT_H
#define RUST_VMA_USERLAND_REPORT_H

#include "steps.h"

/*
 * Returns whether C does what the report says, and the engine does the same.
 * Otherwise *why says what differs.
 */
bool report_replay(FILE *file, char *why, size_t room);

#endif /* RUST_VMA_USERLAND_REPORT_H */
