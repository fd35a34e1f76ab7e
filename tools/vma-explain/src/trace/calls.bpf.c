// SPDX-License-Identifier: GPL-2.0
/*
 * These programs count the VMAs that system calls add to an address space: the difference between
 * the numbers of VMAs when a thread releases the mmap lock and when it got the lock. No other
 * thread changes the number meanwhile. Calls that do not take the lock are not slowed down.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "calls.h"

#define CORE __attribute__((preserve_access_index))

struct mm_struct {
	int map_count;
} CORE;

struct thread_info {
	unsigned long flags;
#ifndef FOR_ARM64
	unsigned int status;
#endif
} CORE;

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	struct mm_struct *mm;
} CORE;

#define PF_IO_WORKER 0x10

#ifdef FOR_ARM64
struct pt_regs {
	unsigned long long regs[31];
	unsigned long long sp;
	int syscallno;
} CORE;
#else
struct pt_regs {
	unsigned long di;
	unsigned long si;
	unsigned long dx;
	unsigned long r10;
	unsigned long sp;
	unsigned long orig_ax;
} CORE;
#endif

/* A thread that holds the mmap lock, or has held it. */
struct holder {
	int is_locked;
	/* The number of VMAs when the thread got the lock, or when they were last counted. */
	int map_count;
};

char _license[] SEC("license") = "GPL";

struct totals totals = {};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, struct settings);
} settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct holder);
} holders SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MOST_KINDS);
	__type(key, struct kind);
	__type(value, struct made);
} kinds SEC(".maps");

/* When there is no room for more kinds, calls are counted here, without their stacks. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MOST_OTHERS);
	__type(key, struct kind);
	__type(value, struct made);
} others SEC(".maps");

/* Room for a kind, which is too large for the stack of a program. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, struct kind);
} room SEC(".maps");

#define SEARCHED_BYTES (SEARCHED * 8)

/* The words at the top of a stack, and as many more, so that a part of them may be anywhere. */
struct words {
	unsigned long long words[2 * SEARCHED];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, struct words);
} top_of_stack SEC(".maps");

/* Returns the settings if the task has the traced address space, otherwise NULL. */
static struct settings *settings_for(struct task_struct *task)
{
	unsigned int zero = 0;
	struct settings *found = bpf_map_lookup_elem(&settings, &zero);

	return found && (unsigned long)task->mm == found->mm ? found : NULL;
}

/* Returns the number of the task's current system call; negative if it is not known. */
static long number_of_call(struct task_struct *task, struct pt_regs *regs)
{
	/* A worker of io_uring has no registers of a system call. */
	if (task->flags & PF_IO_WORKER)
		return -1;
	/* Calls of a 32-bit program have other numbers. */
#ifdef FOR_ARM64
	if (task->thread_info.flags & 1UL << 22) /* TIF_32BIT */
		return -1;
	return BPF_CORE_READ(regs, syscallno);
#else
	if (task->thread_info.status & 2) /* TS_COMPAT */
		return -1;
	return BPF_CORE_READ(regs, orig_ax);
#endif
}

static unsigned long long argument(struct pt_regs *regs, unsigned char place)
{
	switch (place) {
#ifdef FOR_ARM64
	case 0:
		return BPF_CORE_READ(regs, regs[0]);
	case 1:
		return BPF_CORE_READ(regs, regs[1]);
	case 2:
		return BPF_CORE_READ(regs, regs[2]);
	case 3:
		return BPF_CORE_READ(regs, regs[3]);
#else
	case 0:
		return BPF_CORE_READ(regs, di);
	case 1:
		return BPF_CORE_READ(regs, si);
	case 2:
		return BPF_CORE_READ(regs, dx);
	case 3:
		return BPF_CORE_READ(regs, r10);
#endif
	default:
		return 0;
	}
}

/*
 * Returns a return address without its signature. Code for arm64 with pointer authentication signs
 * return addresses in the bits above the address; addresses of programs have 48 bits, unless a
 * program asks for more.
 */
static unsigned long long without_signature(unsigned long long address)
{
#ifdef FOR_ARM64
	return address & ((1ULL << 48) - 1);
#else
	return address;
#endif
}

/*
 * Returns the word that is the return address if the current function has no frame, like most
 * functions that make system calls. The kernel's walk over frames misses the caller of such a
 * function.
 */
static unsigned long long caller_of_call(struct pt_regs *regs)
{
#ifdef FOR_ARM64
	return without_signature(BPF_CORE_READ(regs, regs[30]));
#else
	unsigned long long caller = 0;

	bpf_probe_read_user(&caller, sizeof(caller), (void *)BPF_CORE_READ(regs, sp));
	return caller;
#endif
}

static bool is_compiled(const struct settings *found, unsigned long long address)
{
	for (int i = 0; i < MOST_RANGES; i++)
		if (address - found->compiled[i].start < found->compiled[i].size)
			return true;
	return false;
}

/* A search for compiled code in the words at the top of a stack. */
struct search {
	const struct settings *settings;
	const struct words *top;
	struct kind *kind;
	/* The number of addresses in the stack of the kind. */
	unsigned int depth;
};

/*
 * Reads the words at the top of a stack. Returns their number. The stack may end after the page in
 * which its top is.
 */
static unsigned int read_top(struct words *top, unsigned long long sp)
{
	unsigned int first = SEARCHED_BYTES - (sp & (SEARCHED_BYTES - 8));
	unsigned int second = SEARCHED_BYTES - first;

	if (bpf_probe_read_user(top, first, (void *)sp))
		return 0;
	if (bpf_probe_read_user((void *)top + first, second, (void *)sp + first))
		return first / 8;
	return SEARCHED;
}

static long look_at_word(unsigned int number, struct search *search)
{
	unsigned long long word = without_signature(search->top->words[number & (SEARCHED - 1)]);

	if (search->depth >= STACK_DEPTH)
		return 1;
	if (is_compiled(search->settings, word))
		search->kind->stack[search->depth++ & (STACK_DEPTH - 1)] = word;
	return 0;
}

/*
 * An interpreter without frame pointers, such as Debian's Python, ends the kernel's walk over
 * frames before the compiled code that stands for the program's functions. The return addresses
 * into that code lie on the stack nevertheless, though other words may look like them.
 */
static void search_stack(struct pt_regs *regs, const struct settings *found, struct kind *kind)
{
	struct search search = { .settings = found, .kind = kind };
	unsigned int zero = 0;
	unsigned int i, words;
	struct words *top;

	if (!found->compiled[0].size)
		return;
	for (i = 0; i < STACK_DEPTH && kind->stack[i]; i++)
		if (is_compiled(found, kind->stack[i]))
			return;
	if (i < STACK_DEPTH)
		kind->stack[i++] = FOUND_BELOW;
	search.depth = i;
	top = bpf_map_lookup_elem(&top_of_stack, &zero);
	if (!top)
		return;
	words = read_top(top, BPF_CORE_READ(regs, sp));
	search.top = top;
	bpf_loop(words, look_at_word, &search, 0);
}

static bool count_in(void *map, struct kind *kind, unsigned int vmas)
{
	struct made new = {}, *made;

	made = bpf_map_lookup_elem(map, kind);
	if (!made) {
		bpf_map_update_elem(map, kind, &new, BPF_NOEXIST);
		made = bpf_map_lookup_elem(map, kind);
	}
	if (!made)
		return false;
	__sync_fetch_and_add(&made->calls, 1);
	__sync_fetch_and_add(&made->vmas, vmas);
	return true;
}

static void count(struct kind *kind, unsigned int vmas)
{
	if (count_in(&kinds, kind, vmas))
		return;
	kind->caller = 0;
	__builtin_memset(kind->stack, 0, sizeof(kind->stack));
	if (!count_in(&others, kind, vmas))
		__sync_fetch_and_add(&totals.uncounted, vmas);
}

/* Counts the VMAs that were added while the task held the lock. */
static void look(struct bpf_raw_tracepoint_args *ctx, struct task_struct *task,
		 struct settings *found, struct holder *holder)
{
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
	int vmas = task->mm->map_count - holder->map_count;
	unsigned int zero = 0;
	struct kind *kind;
	long call;

	holder->map_count += vmas;
	__sync_fetch_and_add(&totals.looked_at, 1);
	if (vmas <= 0)
		return;
	call = number_of_call(task, regs);
	kind = bpf_map_lookup_elem(&room, &zero);
	if (call < 0 || call >= MOST_CALLS || !kind) {
		__sync_fetch_and_add(&totals.elsewhere, vmas);
		return;
	}
	kind->call = call;
	for (int i = 0; i < TOLD_ARGUMENTS; i++)
		kind->arguments[i] = argument(regs, found->told[call][i]);
	kind->caller = caller_of_call(regs);
	/* The helper sets the rest of the stack to zero. */
	if (bpf_get_stack(ctx, kind->stack, sizeof(kind->stack), BPF_F_USER_STACK) < 0) {
		__builtin_memset(kind->stack, 0, sizeof(kind->stack));
		__sync_fetch_and_add(&totals.without_stack, 1);
	}
	search_stack(regs, found, kind);
	count(kind, vmas);
}

/*
 * The first argument is the address space. This event comes again when the lock is downgraded to a
 * read lock.
 */
SEC("raw_tp/mmap_lock_acquire_returned")
int lock_is_there(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct settings *found = settings_for(task);
	struct holder *holder;

	if (!found || ctx->args[0] != found->mm)
		return 0;
	holder = bpf_task_storage_get(&holders, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!holder) {
		__sync_fetch_and_add(&totals.missed, 1);
		return 0;
	}
	if (holder->is_locked)
		look(ctx, task, found, holder);
	holder->is_locked = 1;
	holder->map_count = task->mm->map_count;
	return 0;
}

SEC("raw_tp/mmap_lock_released")
int lock_goes(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct settings *found = settings_for(task);
	struct holder *holder;

	if (!found || ctx->args[0] != found->mm)
		return 0;
	holder = bpf_task_storage_get(&holders, task, NULL, 0);
	if (!holder || !holder->is_locked)
		return 0;
	look(ctx, task, found, holder);
	holder->is_locked = 0;
	return 0;
}
