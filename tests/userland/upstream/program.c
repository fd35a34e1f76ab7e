// SPDX-License-Identifier: GPL-2.0
/*
 * Upstream's own test program with its files unchanged. The engine in Rust
 * executes the hooked helpers of mm/vma.c, and vma_merge_existing_range() as
 * well (see vma.c). With the argument "c" it does not, for comparison. Our own
 * test follows, which C could not pass.
 */
#define main upstream_main
#include "main.c"
#undef main

#include <string.h>

/*
 * The helpers that upstream's tests call, and the count which shows that the
 * engine executed them. These tests split VMAs only through vma_modify_flags(),
 * so that the engine is called there and splits by itself.
 */
static const struct {
	const char *function;
	const char *shown_by;
} executed[] = {
	{ "vma_modify_flags()", "entry: vma_modify_flags" },
	{ "vma_merge_existing_range()", "entry: vma_merge_existing_range" },
	{ "vma_merge_new_range()", "entry: vma_merge_new_range" },
	{ "__split_vma()", "cut: Both" },
	{ "vma_expand()", "entry: vma_expand" },
	{ "vma_shrink()", "entry: vma_shrink" },
};

static void show_executed(void *data, const char *name, unsigned long count)
{
	int *missing = data;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(executed); i++) {
		if (strcmp(name, executed[i].shown_by))
			continue;
		printf("%10lu times Rust executed %s\n", count, executed[i].function);
		if (count)
			*missing -= 1;
	}
}

static int says_one(struct vm_area_struct *vma, unsigned long addr)
{
	return 1;
}

/*
 * A driver that answers neither zero nor an errno does not allow a split. C
 * passes the answer on as it is, and vma_modify() as a pointer; Rust returns an
 * errno for it.
 */
static bool test_driver_that_says_something_else(void)
{
	const struct vm_operations_struct ops = { .may_split = says_one };
	vma_flags_t flags = mk_vma_flags(VMA_READ_BIT);
	struct mm_struct mm = {};
	struct vm_area_struct *vma;

	VMA_ITERATOR(vmi, &mm, 0);

	vma = alloc_and_link_vma(&mm, 0, 0x3000, 0, EMPTY_VMA_FLAGS);
	vma->vm_ops = &ops;
	ASSERT_EQ(split_vma(&vmi, vma, 0x1000, 1), -EINVAL);
	ASSERT_EQ(vma_modify_flags(&vmi, NULL, vma, 0x1000, 0x2000, &flags), ERR_PTR(-EINVAL));
	ASSERT_EQ(mm.map_count, 1);
	ASSERT_EQ(vma->vm_start, 0);
	ASSERT_EQ(vma->vm_end, 0x3000);
	cleanup_mm(&mm, &vmi);
	return true;
}

int main(int argc, char **argv)
{
	int missing = ARRAY_SIZE(executed);
	int ret;

	if (argc > 1 && !strcmp(argv[1], "c"))
		return upstream_main();

	vma_hook_ops = &rust_vma_ops;
	ret = upstream_main();
	rust_vma_tally(show_executed, &missing);
	if (missing) {
		printf("Rust did not execute %d of the functions\n", missing);
		return EXIT_FAILURE;
	}
	if (!test_driver_that_says_something_else())
		return EXIT_FAILURE;
	return ret;
}
