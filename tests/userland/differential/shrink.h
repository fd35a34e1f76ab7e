/* SPDX-License-Identifier: GPL-2.0 */
/* Histories in processes of their own, since they may end them; and short ones. */
#ifndef RUST_VMA_USERLAND_SHRINK_H
#define RUST_VMA_USERLAND_SHRINK_H

#include "history.h"

/* Returns whether the worlds stay the same. Tells the story if loud. */
bool run_apart(const unsigned char *bytes, size_t steps, bool loud);

/* Takes from the history what it does not need to go wrong. Returns its steps. */
size_t shrink(unsigned char *bytes, size_t steps);

#endif /* RUST_VMA_USERLAND_SHRINK_H */
