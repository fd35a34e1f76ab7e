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
	RUST_VMA_C_VMA_MODIFY_FLAGS = RUST_VMA_LEAVES,
	RUST_VMA_C_VMA_MODIFY_NAME,
	RUST_VMA_C_VMA_MODIFY_POLICY,
	RUST_VMA_C_VMA_MODIFY_FLAGS_UFFD,
	RUST_VMA_C_VMA_MERGE_NEW_RANGE,
	RUST_VMA_C_VMA_MERGE_COPIED_RANGE,
	RUST_VMA_C_VMA_MERGE_EXTEND,
	RUST_VMA_C_SPLIT_VMA,
	RUST_VMA_C_SPLIT_VMA_PAST_LIMIT,
	RUST_VMA_C_VMA_EXPAND,
	RUST_VMA_C_VMA_SHRINK,
	RUST_VMA_PROBES,
};

enum {
	RUST_VMA_LEAF_FALLIBLE = RUST_VMA_LEAF_PREALLOCATE + 1,
	RUST_VMA_CALLS = 128,
};

/* What is watched for. One thread watches at a time. */
static struct {
	struct task_struct *task;
	int failing;
	unsigned int countdown;
	unsigned int failed;
	unsigned int bodies;
	unsigned int calls;
	u8 leaves[RUST_VMA_CALLS];
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

#define RUST_VMA_LEAF(name) {						\
	.symbol_name = #name,						\
	.pre_handler = rust_vma_kunit_called,				\
	.post_handler = rust_vma_kunit_entered,				\
}

static struct kprobe rust_vma_leaves[RUST_VMA_PROBES] = {
	[RUST_VMA_LEAF_AREA_DUP] = RUST_VMA_LEAF(vm_area_dup),
	[RUST_VMA_LEAF_DUP_POLICY] = RUST_VMA_LEAF(vma_dup_policy),
	[RUST_VMA_LEAF_ANON_VMA_CLONE] = RUST_VMA_LEAF(anon_vma_clone),
	[RUST_VMA_LEAF_PREALLOCATE] = RUST_VMA_LEAF(mas_preallocate),
	[RUST_VMA_LEAF_AREA_FREE] = RUST_VMA_LEAF(vm_area_free),
	[RUST_VMA_LEAF_MPOL_PUT] = RUST_VMA_LEAF(__mpol_put),
	[RUST_VMA_LEAF_UNLINK_ANON_VMAS] = RUST_VMA_LEAF(unlink_anon_vmas),
	[RUST_VMA_LEAF_STORE] = RUST_VMA_LEAF(mas_store_prealloc),
	[RUST_VMA_LEAF_DESTROY] = RUST_VMA_LEAF(mas_destroy),
	[RUST_VMA_LEAF_START_WRITE] = RUST_VMA_LEAF(__vma_start_write),
	[RUST_VMA_LEAF_UPROBE_MMAP] = RUST_VMA_LEAF(uprobe_mmap),
	[RUST_VMA_LEAF_UPROBE_MUNMAP] = RUST_VMA_LEAF(uprobe_munmap),
	[RUST_VMA_LEAF_ADJUST_TRANS_HUGE] = RUST_VMA_LEAF(vma_adjust_trans_huge),
	[RUST_VMA_LEAF_HUGETLB_SPLIT] = RUST_VMA_LEAF(hugetlb_split),
	[RUST_VMA_LEAF_KHUGEPAGED] = RUST_VMA_LEAF(khugepaged_enter_vma),
	[RUST_VMA_LEAF_FPUT] = RUST_VMA_LEAF(fput),
	[RUST_VMA_LEAF_FILE_INSERT] = RUST_VMA_LEAF(mapping_rmap_tree_insert),
	[RUST_VMA_LEAF_FILE_REMOVE] = RUST_VMA_LEAF(mapping_rmap_tree_remove),
	[RUST_VMA_LEAF_ANON_INSERT] = RUST_VMA_LEAF(anon_rmap_tree_insert),
	[RUST_VMA_LEAF_ANON_REMOVE] = RUST_VMA_LEAF(anon_rmap_tree_remove),
	[RUST_VMA_LEAF_VALIDATE] = RUST_VMA_LEAF(validate_mm),
	[RUST_VMA_C_VMA_MODIFY_FLAGS] = RUST_VMA_LEAF(c_vma_modify_flags),
	[RUST_VMA_C_VMA_MODIFY_NAME] = RUST_VMA_LEAF(c_vma_modify_name),
	[RUST_VMA_C_VMA_MODIFY_POLICY] = RUST_VMA_LEAF(c_vma_modify_policy),
	[RUST_VMA_C_VMA_MODIFY_FLAGS_UFFD] = RUST_VMA_LEAF(c_vma_modify_flags_uffd),
	[RUST_VMA_C_VMA_MERGE_NEW_RANGE] = RUST_VMA_LEAF(c_vma_merge_new_range),
	[RUST_VMA_C_VMA_MERGE_COPIED_RANGE] = RUST_VMA_LEAF(c_vma_merge_copied_range),
	[RUST_VMA_C_VMA_MERGE_EXTEND] = RUST_VMA_LEAF(c_vma_merge_extend),
	[RUST_VMA_C_SPLIT_VMA] = RUST_VMA_LEAF(c_split_vma),
	[RUST_VMA_C_SPLIT_VMA_PAST_LIMIT] = RUST_VMA_LEAF(c___split_vma),
	[RUST_VMA_C_VMA_EXPAND] = RUST_VMA_LEAF(c_vma_expand),
	[RUST_VMA_C_VMA_SHRINK] = RUST_VMA_LEAF(c_vma_shrink),
};

static int rust_vma_kunit_called(struct kprobe *probe, struct pt_regs *regs)
{
	int leaf = probe - rust_vma_leaves;

	if (rust_vma_watch.task != current)
		return 0;
	if (leaf >= RUST_VMA_LEAVES) {
		rust_vma_watch.bodies++;
		return 0;
	}
	if (rust_vma_watch.calls < RUST_VMA_CALLS)
		rust_vma_watch.leaves[rust_vma_watch.calls] = leaf;
	rust_vma_watch.calls++;
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
		if (rust_vma_leaves[leaf].addr)
			probes[count++] = &rust_vma_leaves[leaf];
	unregister_kprobes(probes, count);
}

/* A leaf that this kernel does not have is one that nobody calls. */
int rust_vma_kunit_probe(void)
{
	int leaf;

	for (leaf = 0; leaf < RUST_VMA_PROBES; leaf++) {
		int err = register_kprobe(&rust_vma_leaves[leaf]);

		if (err && (err != -ENOENT || leaf < RUST_VMA_LEAF_FALLIBLE ||
			    leaf >= RUST_VMA_LEAVES)) {
			pr_err("cannot watch %s: %d\n",
			       rust_vma_leaves[leaf].symbol_name, err);
			rust_vma_leaves[leaf].addr = NULL;
			rust_vma_kunit_unprobe();
			return err;
		}
		if (err)
			rust_vma_leaves[leaf].addr = NULL;
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
	rust_vma_watch.calls = 0;
	WRITE_ONCE(rust_vma_watch.task, current);
}

/* Ends that. Returns how many calls there were; the first are in @leaves. */
unsigned int rust_vma_kunit_unwatch(u8 *leaves, unsigned int *failed,
				    unsigned int *bodies)
{
	WRITE_ONCE(rust_vma_watch.task, NULL);
	memcpy(leaves, rust_vma_watch.leaves, sizeof(rust_vma_watch.leaves));
	*failed = rust_vma_watch.failed;
	*bodies = rust_vma_watch.bodies;
	return rust_vma_watch.calls;
}

const char *rust_vma_kunit_leaf_name(unsigned int leaf)
{
	return rust_vma_leaves[leaf].symbol_name;
}
