// SPDX-License-Identifier: GPL-2.0
/*
 * Counts how many VMAs the system calls of one address space leave behind: for each, how many more
 * there are when it lets go of the mmap lock than when it got it. Nobody else changes their number
 * meanwhile.
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
	struct mm_struct *mm;
} CORE;

#ifdef FOR_ARM64
struct pt_regs {
	unsigned long long regs[31];
} CORE;
#else
struct pt_regs {
	unsigned long di;
	unsigned long si;
	unsigned long dx;
	unsigned long r10;
	unsigned long r8;
	unsigned long r9;
	unsigned long sp;
} CORE;
#endif

/* A thread that does something to the address space. */
struct at_work {
	/* Whether it is in a call that is looked at. */
	int is_in_call;
	/* Whether it has the mmap lock, and the number of VMAs since it has. */
	int is_locked;
	int map_count;
	/* The VMAs that the call has made so far. */
	int vmas;
	unsigned long long call;
	/* They may be gone at the end of the call. */
	unsigned long long arguments[TOLD_ARGUMENTS];
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
	__type(value, struct at_work);
} threads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MOST_KINDS);
	__type(key, struct kind);
	__type(value, struct made);
} kinds SEC(".maps");

/* Where there is no room for more kinds: those without a stack. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MOST_OTHERS);
	__type(key, struct kind);
	__type(value, struct made);
} others SEC(".maps");

/* A kind is too large for the stack of a program. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, struct kind);
} room SEC(".maps");

static unsigned long long argument(struct pt_regs *regs, unsigned char place)
{
	switch (place) {
#ifdef FOR_ARM64
	case 0:
		return regs->regs[0];
	case 1:
		return regs->regs[1];
	case 2:
		return regs->regs[2];
	case 3:
		return regs->regs[3];
#else
	case 0:
		return regs->di;
	case 1:
		return regs->si;
	case 2:
		return regs->dx;
	case 3:
		return regs->r10;
#endif
	default:
		return 0;
	}
}

/* What to look at, if the address space of the task is to be looked at. */
static struct settings *settings_for(struct task_struct *task)
{
	unsigned int zero = 0;
	struct settings *found = bpf_map_lookup_elem(&settings, &zero);

	return found && (unsigned long)task->mm == found->mm ? found : NULL;
}

/* Calls of a program of 32 bits have other numbers. */
static bool is_of_32_bits(struct task_struct *task)
{
#ifdef FOR_ARM64
	return task->thread_info.flags & 1UL << 22; /* TIF_32BIT */
#else
	return task->thread_info.status & 2; /* TS_COMPAT */
#endif
}

/* Arguments: the registers, and the number of the call. */
SEC("tp_btf/sys_enter")
int call_begins(unsigned long long *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct settings *found = settings_for(task);
	struct pt_regs *regs = (void *)ctx[0];
	unsigned long call = ctx[1];
	struct at_work *thread;

	if (!found || call >= MOST_CALLS || !found->is_watched[call] || is_of_32_bits(task))
		return 0;
	thread = bpf_task_storage_get(&threads, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!thread) {
		__sync_fetch_and_add(&totals.missed, 1);
		return 0;
	}
	thread->is_in_call = 1;
	thread->vmas = 0;
	thread->call = call;
	for (int i = 0; i < TOLD_ARGUMENTS; i++)
		thread->arguments[i] = argument(regs, found->told[call][i]);
	return 0;
}

/* Whether the task looks at its own address space, which is the one that is looked at. */
static bool is_its_own(struct task_struct *task, unsigned long long mm)
{
	return settings_for(task) && (unsigned long)task->mm == mm;
}

/* Adds what has come since the thread has the lock, or since it was added last. */
static void add_up(struct task_struct *task, struct at_work *thread)
{
	int vmas = task->mm->map_count - thread->map_count;

	if (thread->is_in_call)
		thread->vmas += vmas;
	else if (vmas > 0)
		__sync_fetch_and_add(&totals.elsewhere, vmas);
	thread->map_count += vmas;
}

/* Arguments: the address space, and more. It comes again if the lock is kept for reading only. */
SEC("raw_tp/mmap_lock_acquire_returned")
int lock_is_there(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct at_work *thread;

	if (!is_its_own(task, ctx->args[0]))
		return 0;
	thread = bpf_task_storage_get(&threads, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!thread)
		return 0;
	if (thread->is_locked)
		add_up(task, thread);
	thread->is_locked = 1;
	thread->map_count = task->mm->map_count;
	return 0;
}

SEC("raw_tp/mmap_lock_released")
int lock_goes(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct at_work *thread;

	if (!is_its_own(task, ctx->args[0]))
		return 0;
	thread = bpf_task_storage_get(&threads, task, NULL, 0);
	if (!thread || !thread->is_locked)
		return 0;
	add_up(task, thread);
	thread->is_locked = 0;
	return 0;
}

/*
 * The word where a function without a frame of its own, as those are that make system calls, finds
 * its way back. The walk over frames that the kernel makes begins one caller later.
 */
static unsigned long long caller_of_call(struct pt_regs *regs)
{
#ifdef FOR_ARM64
	return regs->regs[30];
#else
	unsigned long long caller = 0;

	bpf_probe_read_user(&caller, sizeof(caller), (void *)regs->sp);
	return caller;
#endif
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

/* Arguments: the registers, and the result. */
SEC("tp_btf/sys_exit")
int call_ends(unsigned long long *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	unsigned int zero = 0;
	struct at_work *thread;
	struct kind *kind;

	if (!settings_for(task))
		return 0;
	thread = bpf_task_storage_get(&threads, task, NULL, 0);
	if (!thread || !thread->is_in_call)
		return 0;
	thread->is_in_call = 0;
	__sync_fetch_and_add(&totals.looked_at, 1);
	kind = bpf_map_lookup_elem(&room, &zero);
	if (thread->vmas <= 0 || !kind)
		return 0;
	__builtin_memset(kind, 0, sizeof(*kind));
	kind->call = thread->call;
	for (int i = 0; i < TOLD_ARGUMENTS; i++)
		kind->arguments[i] = thread->arguments[i];
	kind->caller = caller_of_call((void *)ctx[0]);
	if (bpf_get_stack(ctx, kind->stack, sizeof(kind->stack), BPF_F_USER_STACK) < 0)
		__sync_fetch_and_add(&totals.without_stack, 1);
	count(kind, thread->vmas);
	return 0;
}
