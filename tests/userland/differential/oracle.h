/* SPDX-License-Identifier: GPL-2.0 */
/* Whether this driver notices an engine that is wrong. */
#ifndef RUST_VMA_USERLAND_ORACLE_H
#define RUST_VMA_USERLAND_ORACLE_H

/* Tries an engine with each flaw there is. Returns an exit status. */
int oracle_run(void);

#endif /* RUST_VMA_USERLAND_ORACLE_H */
