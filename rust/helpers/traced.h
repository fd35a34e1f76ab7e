/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The contents of the trace events. rust/report/sys/events.rs fills them in.
 */
#ifndef RUST_VMA_TRACED_H
#define RUST_VMA_TRACED_H

#include "bindings_helper.h"

/* A call of the engine: the helper, the process and the range. */
struct rust_vma_traced {
	const char *engine;
	const char *helper;
	unsigned long start;
	unsigned long end;
	pid_t pid;
	pid_t tgid;
};

/* A VMA, or a range that was to become a VMA. Without a file, dev and ino are 0. */
struct rust_vma_seen {
	unsigned long start;
	unsigned long end;
	unsigned long ino;
	vma_flags_t flags;
	dev_t dev;
};

#endif /* RUST_VMA_TRACED_H */
