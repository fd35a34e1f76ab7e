/* SPDX-License-Identifier: GPL-2.0 */
/* The test whether this driver notices a faulty engine. */
#ifndef RUST_VMA_USERLAND_ORACLE_H
#define RUST_VMA_USERLAND_ORACLE_H

/* Tries an engine with each possible flaw. Returns an exit status. */
int oracle_run(void);

#endif /* RUST_VMA_USERLAND_ORACLE_H */
