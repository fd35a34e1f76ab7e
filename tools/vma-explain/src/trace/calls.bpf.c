// SPDX-License-Identifier: GPL-2.0
/*
 * Runs at the beginning and at the end of system calls, and counts those of one address space that
 * leave more VMAs than they found.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "calls.h"

#define CORE __attribute__((preserve_access_index))

struct mm_struct {
	int map_count;
} CORE;

struct task_struct {
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

/* A call that has begun. */
struct begun {
	int is_looked_at;
	int map_count;
	unsigned long long call;
	/* They may be gone at its end. */
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
	__type(value, struct begun);
} running SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MOST_KINDS);
	__type(key, struct kind);
	__type(value, struct made);
} kinds SEC(".maps");

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

/* Arguments: the registers, and the number of the call. */
SEC("tp_btf/sys_enter")
int call_begins(unsigned long long *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct settings *found = settings_for(task);
	struct pt_regs *regs = (void *)ctx[0];
	unsigned long call = ctx[1];
	struct begun *begun;

	if (!found || call >= MOST_CALLS || !found->is_watched[call])
		return 0;
	begun = bpf_task_storage_get(&running, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!begun) {
		__sync_fetch_and_add(&totals.missed, 1);
		return 0;
	}
	begun->is_looked_at = 1;
	begun->map_count = task->mm->map_count;
	begun->call = call;
	for (int i = 0; i < TOLD_ARGUMENTS; i++)
		begun->arguments[i] = argument(regs, found->told[call][i]);
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

static void count(struct kind *kind, unsigned int vmas)
{
	struct made new = {}, *made;

	made = bpf_map_lookup_elem(&kinds, kind);
	if (!made) {
		bpf_map_update_elem(&kinds, kind, &new, BPF_NOEXIST);
		made = bpf_map_lookup_elem(&kinds, kind);
	}
	if (!made) {
		__sync_fetch_and_add(&totals.uncounted, vmas);
		return;
	}
	__sync_fetch_and_add(&made->calls, 1);
	__sync_fetch_and_add(&made->vmas, vmas);
}

/* Arguments: the registers, and the result. */
SEC("tp_btf/sys_exit")
int call_ends(unsigned long long *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	unsigned int zero = 0;
	struct begun *begun;
	struct kind *kind;
	int more;

	if (!settings_for(task))
		return 0;
	begun = bpf_task_storage_get(&running, task, NULL, 0);
	if (!begun || !begun->is_looked_at)
		return 0;
	begun->is_looked_at = 0;
	__sync_fetch_and_add(&totals.looked_at, 1);
	more = task->mm->map_count - begun->map_count;
	kind = bpf_map_lookup_elem(&room, &zero);
	if (more <= 0 || !kind)
		return 0;
	__builtin_memset(kind, 0, sizeof(*kind));
	kind->call = begun->call;
	for (int i = 0; i < TOLD_ARGUMENTS; i++)
		kind->arguments[i] = begun->arguments[i];
	kind->caller = caller_of_call((void *)ctx[0]);
	if (bpf_get_stack(ctx, kind->stack, sizeof(kind->stack), BPF_F_USER_STACK) < 0)
		__sync_fetch_and_add(&totals.without_stack, 1);
	count(kind, more);
	return 0;
}
