// SPDX-License-Identifier: GPL-2.0
/*
 * The leaves: what both the engine and the C code call in the rest of mm. The
 * KUnit suites watch the calls that a thread makes, and make one of them fail.
 */
#include <linux/kprobes.h>
#include <linux/maple_tree.h>
#include <linux/mempolicy.h>
#include <linux/rmap.h>

#include "bindings_helper.h"

/* The first ones can fail. */
enum {
	RUST_VMA_LEAF_AREA_DUP,
	RUST_VMA_LEAF_DUP_POLICY,
	RUST_VMA_LEAF_ANON_VMA_CLONE,
	RUST_VMA_LEAF_PREALLOCATE,
	RUST_VMA_LEAF_AREA_FREE,
	RUST_VMA_LEAF_MPOL_PUT,
	RUST_VMA_LEAF_UNLINK_ANON_VMAS,
	RUST_VMA_LEAF_STORE,
	RUST_VMA_LEAF_DESTROY,
	RUST_VMA_LEAF_START_WRITE,
	RUST_VMA_LEAF_UPROBE_MMAP,
	RUST_VMA_LEAF_UPROBE_MUNMAP,
	RUST_VMA_LEAF_ADJUST_TRANS_HUGE,
	RUST_VMA_LEAF_HUGETLB_SPLIT,
	RUST_VMA_LEAF_KHUGEPAGED,
	RUST_VMA_LEAF_FPUT,
	RUST_VMA_LEAF_FILE_INSERT,
	RUST_VMA_LEAF_FILE_REMOVE,
	RUST_VMA_LEAF_ANON_INSERT,
	RUST_VMA_LEAF_ANON_REMOVE,
	RUST_VMA_LEAF_VALIDATE,
	/* Not leaves, but what is compared with: the bodies in C behind the hook. */
	RUST_VMA_LEAVES,
	RUST_VMA_C_MODIFY = RUST_VMA_LEAVES,
	RUST_VMA_C_MERGE_NEW_RANGE,
	RUST_VMA_C_SPLIT,
	RUST_VMA_C_EXPAND,
	RUST_VMA_C_SHRINK,
	RUST_VMA_PROBES,
};

enum {
	RUST_VMA_LEAF_FALLIBLE = RUST_VMA_LEAF_PREALLOCATE + 1,
	RUST_VMA_CALLS = 128,
	/* How many arguments are looked at, and numbers noted of them. */
	RUST_VMA_ARGUMENTS = 4,
	RUST_VMA_ARGUMENT_NUMBERS = 6,
};

/* What is noted of an argument. */
enum rust_vma_kunit_argument {
	/* Nothing: what it is differs between twins. */
	RUST_VMA_ARGUMENT_ANY,
	/* Itself. */
	RUST_VMA_ARGUMENT_NUMBER,
	/* Itself; the upper half of its register is not a part of it. */
	RUST_VMA_ARGUMENT_INT,
	/* Whether it is a null pointer. */
	RUST_VMA_ARGUMENT_NULL,
	/* Where a VMA starts and ends. */
	RUST_VMA_ARGUMENT_VMA,
	/* The same, of the VMA of an anon_vma_chain. */
	RUST_VMA_ARGUMENT_LINK,
	/* Where a maple state stands. */
	RUST_VMA_ARGUMENT_PLACE,
};

struct rust_vma_kunit_watched {
	u8 leaf;
	u8 count;
	unsigned long numbers[RUST_VMA_ARGUMENT_NUMBERS];
};

/* What is watched for. One thread watches at a time. */
static struct {
	struct task_struct *task;
	int failing;
	unsigned int countdown;
	unsigned int failed;
	unsigned int bodies;
	unsigned int count;
	struct rust_vma_kunit_watched calls[RUST_VMA_CALLS];
} rust_vma_watch;

/* What the failing call returns to. */
static noinline notrace void rust_vma_kunit_return(void)
{
}
NOKPROBE_SYMBOL(rust_vma_kunit_return);

/* Makes the function that was just entered return at once. */
static void rust_vma_kunit_leave(struct pt_regs *regs, unsigned long value)
{
	regs_set_return_value(regs, value);
#ifdef CONFIG_ARM64
	instruction_pointer_set(regs, procedure_link_pointer(regs));
#else
	/* The return address is on the stack. */
	instruction_pointer_set(regs, (unsigned long)rust_vma_kunit_return);
#endif
}
NOKPROBE_SYMBOL(rust_vma_kunit_leave);

/* Leaves behind what the function leaves behind when it fails. */
static void rust_vma_kunit_fail(int leaf, struct pt_regs *regs)
{
	unsigned long first = regs_get_kernel_argument(regs, 0);
	unsigned long value = -ENOMEM;

	switch (leaf) {
	case RUST_VMA_LEAF_AREA_DUP:
		value = 0;
		break;
	case RUST_VMA_LEAF_ANON_VMA_CLONE:
		/* See cleanup_partial_anon_vmas(). */
		((struct vm_area_struct *)first)->anon_vma = NULL;
		break;
	case RUST_VMA_LEAF_PREALLOCATE:
		/* See mas_preallocate(). */
		((struct ma_state *)first)->node_request = 0;
		mas_reset((struct ma_state *)first);
		break;
	}
	rust_vma_kunit_leave(regs, value);
}
NOKPROBE_SYMBOL(rust_vma_kunit_fail);

static int rust_vma_kunit_called(struct kprobe *probe, struct pt_regs *regs);

/*
 * Nothing to do after the first instruction. Without a handler for that, x86 may
 * replace the breakpoint by a jump, from which there is no leaving.
 */
static void rust_vma_kunit_entered(struct kprobe *probe, struct pt_regs *regs,
				   unsigned long flags)
{
}
NOKPROBE_SYMBOL(rust_vma_kunit_entered);

struct rust_vma_kunit_leaf {
	struct kprobe probe;
	u8 arguments[RUST_VMA_ARGUMENTS];
};

#define RUST_VMA_PROBE(name) {						\
	.symbol_name = #name,						\
	.pre_handler = rust_vma_kunit_called,				\
	.post_handler = rust_vma_kunit_entered,				\
}

#define RUST_VMA_LEAF(name, ...) {					\
	.probe = RUST_VMA_PROBE(name),					\
	.arguments = { __VA_ARGS__ },					\
}

#define ANY	RUST_VMA_ARGUMENT_ANY
#define NUMBER	RUST_VMA_ARGUMENT_NUMBER
#define INT	RUST_VMA_ARGUMENT_INT
#define NULLITY	RUST_VMA_ARGUMENT_NULL
#define VMA	RUST_VMA_ARGUMENT_VMA
#define LINK	RUST_VMA_ARGUMENT_LINK
#define PLACE	RUST_VMA_ARGUMENT_PLACE

static struct rust_vma_kunit_leaf rust_vma_leaves[RUST_VMA_PROBES] = {
	[RUST_VMA_LEAF_AREA_DUP] = RUST_VMA_LEAF(vm_area_dup, VMA),
	[RUST_VMA_LEAF_DUP_POLICY] = RUST_VMA_LEAF(vma_dup_policy, VMA, VMA),
	[RUST_VMA_LEAF_ANON_VMA_CLONE] =
		RUST_VMA_LEAF(anon_vma_clone, VMA, VMA, INT),
	/* What will be stored matters only in that it is something. */
	[RUST_VMA_LEAF_PREALLOCATE] =
		RUST_VMA_LEAF(mas_preallocate, PLACE, NULLITY, INT),
	[RUST_VMA_LEAF_AREA_FREE] = RUST_VMA_LEAF(vm_area_free, VMA),
	[RUST_VMA_LEAF_MPOL_PUT] = RUST_VMA_LEAF(__mpol_put, ANY),
	[RUST_VMA_LEAF_UNLINK_ANON_VMAS] = RUST_VMA_LEAF(unlink_anon_vmas, VMA),
	[RUST_VMA_LEAF_STORE] = RUST_VMA_LEAF(mas_store_prealloc, PLACE, VMA),
	[RUST_VMA_LEAF_DESTROY] = RUST_VMA_LEAF(mas_destroy, PLACE),
	[RUST_VMA_LEAF_START_WRITE] = RUST_VMA_LEAF(__vma_start_write, VMA, INT),
	[RUST_VMA_LEAF_UPROBE_MMAP] = RUST_VMA_LEAF(uprobe_mmap, VMA),
	[RUST_VMA_LEAF_UPROBE_MUNMAP] =
		RUST_VMA_LEAF(uprobe_munmap, VMA, NUMBER, NUMBER),
	[RUST_VMA_LEAF_ADJUST_TRANS_HUGE] =
		RUST_VMA_LEAF(vma_adjust_trans_huge, VMA, NUMBER, NUMBER, VMA),
	[RUST_VMA_LEAF_HUGETLB_SPLIT] = RUST_VMA_LEAF(hugetlb_split, VMA, NUMBER),
	[RUST_VMA_LEAF_KHUGEPAGED] =
		RUST_VMA_LEAF(khugepaged_enter_vma, VMA, NUMBER),
	[RUST_VMA_LEAF_FPUT] = RUST_VMA_LEAF(fput, ANY),
	[RUST_VMA_LEAF_FILE_INSERT] =
		RUST_VMA_LEAF(mapping_rmap_tree_insert, VMA, ANY),
	[RUST_VMA_LEAF_FILE_REMOVE] =
		RUST_VMA_LEAF(mapping_rmap_tree_remove, VMA, ANY),
	[RUST_VMA_LEAF_ANON_INSERT] =
		RUST_VMA_LEAF(anon_rmap_tree_insert, LINK, ANY),
	[RUST_VMA_LEAF_ANON_REMOVE] =
		RUST_VMA_LEAF(anon_rmap_tree_remove, LINK, ANY),
	[RUST_VMA_LEAF_VALIDATE] = RUST_VMA_LEAF(validate_mm, ANY),
	[RUST_VMA_C_MODIFY] = RUST_VMA_LEAF(c_vma_modify),
	[RUST_VMA_C_MERGE_NEW_RANGE] = RUST_VMA_LEAF(c_vma_merge_new_range),
	[RUST_VMA_C_SPLIT] = RUST_VMA_LEAF(c___split_vma),
	[RUST_VMA_C_EXPAND] = RUST_VMA_LEAF(c_vma_expand),
	[RUST_VMA_C_SHRINK] = RUST_VMA_LEAF(c_vma_shrink),
};

#undef ANY
#undef NUMBER
#undef INT
#undef NULLITY
#undef VMA
#undef LINK
#undef PLACE

/* Notes the two ends of something. */
static void rust_vma_kunit_note(struct rust_vma_kunit_watched *call,
				unsigned long start, unsigned long end)
{
	call->numbers[call->count++] = start;
	call->numbers[call->count++] = end;
}
NOKPROBE_SYMBOL(rust_vma_kunit_note);

static void rust_vma_kunit_note_argument(struct rust_vma_kunit_watched *call,
					 enum rust_vma_kunit_argument kind,
					 unsigned long argument)
{
	const struct anon_vma_chain *link = (void *)argument;
	const struct vm_area_struct *vma = (void *)argument;
	const struct ma_state *mas = (void *)argument;

	switch (kind) {
	case RUST_VMA_ARGUMENT_ANY:
		break;
	case RUST_VMA_ARGUMENT_NUMBER:
		call->numbers[call->count++] = argument;
		break;
	case RUST_VMA_ARGUMENT_INT:
		call->numbers[call->count++] = (u32)argument;
		break;
	case RUST_VMA_ARGUMENT_NULL:
		call->numbers[call->count++] = !argument;
		break;
	case RUST_VMA_ARGUMENT_LINK:
		vma = link->vma;
		fallthrough;
	case RUST_VMA_ARGUMENT_VMA:
		rust_vma_kunit_note(call, vma ? vma->vm_start : 0,
				    vma ? vma->vm_end : 0);
		break;
	case RUST_VMA_ARGUMENT_PLACE:
		rust_vma_kunit_note(call, mas->index, mas->last);
		break;
	}
}
NOKPROBE_SYMBOL(rust_vma_kunit_note_argument);

static void rust_vma_kunit_note_call(struct rust_vma_kunit_watched *call,
				     unsigned int leaf, struct pt_regs *regs)
{
	const u8 *arguments = rust_vma_leaves[leaf].arguments;
	unsigned int n;

	call->leaf = leaf;
	call->count = 0;
	for (n = 0; n < RUST_VMA_ARGUMENTS; n++)
		rust_vma_kunit_note_argument(call, arguments[n],
					     regs_get_kernel_argument(regs, n));
}
NOKPROBE_SYMBOL(rust_vma_kunit_note_call);

static int rust_vma_kunit_called(struct kprobe *probe, struct pt_regs *regs)
{
	int leaf = container_of(probe, struct rust_vma_kunit_leaf, probe) -
		   rust_vma_leaves;

	if (rust_vma_watch.task != current)
		return 0;
	if (leaf >= RUST_VMA_LEAVES) {
		rust_vma_watch.bodies++;
		return 0;
	}
	if (rust_vma_watch.count < RUST_VMA_CALLS)
		rust_vma_kunit_note_call(&rust_vma_watch.calls[rust_vma_watch.count],
					 leaf, regs);
	rust_vma_watch.count++;
	if (leaf != rust_vma_watch.failing || --rust_vma_watch.countdown)
		return 0;
	rust_vma_watch.failing = -1;
	rust_vma_watch.failed++;
	rust_vma_kunit_fail(leaf, regs);
	return 1;
}
NOKPROBE_SYMBOL(rust_vma_kunit_called);

void rust_vma_kunit_unprobe(void)
{
	struct kprobe *probes[RUST_VMA_PROBES];
	int leaf, count = 0;

	for (leaf = 0; leaf < RUST_VMA_PROBES; leaf++)
		if (rust_vma_leaves[leaf].probe.addr)
			probes[count++] = &rust_vma_leaves[leaf].probe;
	unregister_kprobes(probes, count);
}

/* A leaf that this kernel does not have is one that nobody calls. */
int rust_vma_kunit_probe(void)
{
	int leaf;

	for (leaf = 0; leaf < RUST_VMA_PROBES; leaf++) {
		struct kprobe *probe = &rust_vma_leaves[leaf].probe;
		int err = register_kprobe(probe);

		if (err)
			probe->addr = NULL;
		if (err && (err != -ENOENT || leaf < RUST_VMA_LEAF_FALLIBLE ||
			    leaf >= RUST_VMA_LEAVES)) {
			pr_err("cannot watch %s: %d\n", probe->symbol_name, err);
			rust_vma_kunit_unprobe();
			return err;
		}
	}
	return 0;
}

/* Watches this thread, and makes its nth call of a leaf fail, unless that is -1. */
void rust_vma_kunit_watch(int failing, unsigned int n)
{
	rust_vma_watch.failing = failing;
	rust_vma_watch.countdown = n;
	rust_vma_watch.failed = 0;
	rust_vma_watch.bodies = 0;
	rust_vma_watch.count = 0;
	WRITE_ONCE(rust_vma_watch.task, current);
}

/*
 * Ends that. Returns how many calls there were; the first RUST_VMA_CALLS can be
 * asked for until the next watch.
 */
unsigned int rust_vma_kunit_unwatch(unsigned int *failed, unsigned int *bodies)
{
	WRITE_ONCE(rust_vma_watch.task, NULL);
	*failed = rust_vma_watch.failed;
	*bodies = rust_vma_watch.bodies;
	return rust_vma_watch.count;
}

/* The leaf that was called in the nth call. */
unsigned int rust_vma_kunit_watched_leaf(unsigned int n)
{
	return rust_vma_watch.calls[n].leaf;
}

/* How many numbers were noted of its arguments. */
unsigned int rust_vma_kunit_watched_count(unsigned int n)
{
	return rust_vma_watch.calls[n].count;
}

/* One of them. */
unsigned long rust_vma_kunit_watched_number(unsigned int n, unsigned int number)
{
	return rust_vma_watch.calls[n].numbers[number];
}

const char *rust_vma_kunit_leaf_name(unsigned int leaf)
{
	return rust_vma_leaves[leaf].probe.symbol_name;
}
