/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Running histories in separate processes, because they may crash, and reducing
 * them to few steps.
 */
#ifndef RUST_VMA_USERLAND_SHRINK_H
#define RUST_VMA_USERLAND_SHRINK_H

#include "history.h"

/* Returns whether the worlds stay equal. Prints the steps if loud. */
bool run_apart(const unsigned char *bytes, size_t steps, bool loud);

/*
 * Removes everything from the history that the failure does not need. Returns
 * the number of steps.
 */
size_t shrink(unsigned char *bytes, size_t steps);

#endif /* RUST_VMA_USERLAND_SHRINK_H */
