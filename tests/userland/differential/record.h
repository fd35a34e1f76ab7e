/* SPDX-License-Identifier: GPL-2.0 */
/* The calls of a step, one by one, and its results, number by number. */
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
	/*
	 * The name of each number. A name that begins with a '*' is the heading
	 * of those after it.
	 */
	const char *what[RECORD_NUMBERS];
};

/* Ways to falsify the engine's record, to check that this is noticed. */
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
	/* The event comes before its predecessor. */
	EVENT_EARLY,
};

/* The flaw, which occurs once. */
struct flaw {
	enum flaw_way way;
	bool done;
	/* The name of the number, or the list in which it is missing. */
	const char *what;
	const char *const *list;
	/* The kind of the event, and its argument. */
	enum event_kind kind;
	unsigned int argument;
};

/* NULL except in tests of the record. */
extern struct flaw *flaw;

void record_reset(void);
void record_event(enum event_kind kind, unsigned long a, unsigned long b,
		  unsigned long c, unsigned long d, unsigned long e);
/* Records a result of the step. */
void record_number(const char *what, unsigned long number);

const char *event_name(enum event_kind kind);
unsigned int event_arguments(enum event_kind kind);

/*
 * Returns whether two worlds have the same record. Otherwise *why describes the
 * difference.
 */
bool record_same(const struct record *c, const struct record *engine,
		 char *why, size_t room);

/* Records everything in the world that is compared between steps. */
void snapshot(void);

#endif /* RUST_VMA_USERLAND_RECORD_H */
