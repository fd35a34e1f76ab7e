/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happened in a step, call by call, and its results, number by number.
 */
#ifndef RUST_VMA_USERLAND_RECORD_H
#define RUST_VMA_USERLAND_RECORD_H

enum event_kind {
	EVENT_START_WRITE,
	EVENT_PREALLOC,
	EVENT_PREALLOC_FAILED,
	EVENT_STORE,
	EVENT_CLEAR,
	EVENT_ITER_FREE,
	EVENT_VALIDATE,
	EVENT_VMA_ALLOC,
	EVENT_VMA_FREE,
	EVENT_MAPPING_INSERT,
	EVENT_MAPPING_REMOVE,
	EVENT_ANON_INSERT,
	EVENT_ANON_REMOVE,
	EVENT_MAPPING_LOCK,
	EVENT_MAPPING_UNLOCK,
	EVENT_FLUSH_LOCK,
	EVENT_FLUSH_UNLOCK,
	EVENT_ANON_LOCK,
	EVENT_ANON_UNLOCK,
	EVENT_ALLOW_WRITABLE,
	EVENT_UNMAP_WRITABLE,
	EVENT_ADJUST_TRANS_HUGE,
	EVENT_HUGETLB_SPLIT,
	EVENT_UPROBE_MMAP,
	EVENT_UPROBE_MUNMAP,
	EVENT_KHUGEPAGED,
	EVENT_GET_FILE,
	EVENT_FPUT,
	EVENT_POLICY_DUP,
	EVENT_POLICY_PUT,
	EVENT_NAME_GET,
	EVENT_NAME_PUT,
	EVENT_OPEN,
	EVENT_CLOSE,
	EVENT_MAY_SPLIT,
	EVENT_ANON_CLONE,
	EVENT_ANON_UNLINK,
	EVENTS,
};

struct event {
	unsigned long kind;
	unsigned long arguments[5];
};

#define RECORD_EVENTS	4096
#define RECORD_NUMBERS	16384

struct record {
	size_t events, numbers;
	struct event event[RECORD_EVENTS];
	unsigned long number[RECORD_NUMBERS];
	/* What each number is. One that begins with a '*' heads those after it. */
	const char *what[RECORD_NUMBERS];
};

/* How the engine's record may be made wrong, to see that it is noticed. */
enum flaw_way {
	FLAW_NONE,
	NUMBER_WRONG,
	NUMBER_LOST,
	NUMBER_RENAMED,
	/* The first number whose name is not in the list. */
	NUMBER_UNLISTED,
	EVENT_WRONG,
	EVENT_LOST,
	EVENT_TWICE,
	/* Before the one that it came after. */
	EVENT_EARLY,
};

/* What is made wrong, once. */
struct flaw {
	enum flaw_way way;
	bool done;
	/* A number with this name, or none that is in this list. */
	const char *what;
	const char *const *list;
	/* An event of this kind, in this argument. */
	enum event_kind kind;
	unsigned int argument;
};

/* NULL but in tests of the record. */
extern struct flaw *flaw;

void record_reset(void);
void record_event(enum event_kind kind, unsigned long a, unsigned long b,
		  unsigned long c, unsigned long d, unsigned long e);
/* Notes what the step has come to. */
void record_number(const char *what, unsigned long number);

const char *event_name(enum event_kind kind);
unsigned int event_arguments(enum event_kind kind);

/* Whether two worlds have the same record. If not, *why says where, in words. */
bool record_same(const struct record *c, const struct record *engine,
		 char *why, size_t room);

/* world.h and this: all that is to be compared between steps. */
void snapshot(void);

#endif /* RUST_VMA_USERLAND_RECORD_H */
