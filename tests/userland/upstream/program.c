// SPDX-License-Identifier: GPL-2.0
/*
 * Upstream's own test program, its files untouched, with the hook of mm/vma.c
 * served by the engine in Rust. With the argument "c" it is not, for
 * comparison.
 */
#define main upstream_main
#include "main.c"
#undef main

#include "engine.h"

#include <string.h>

static const struct vma_hook_ops rust_ops = {
	.modify = rust_vma_hook_modify,
	.merge_existing_range = rust_vma_hook_merge_existing_range,
	.merge_new_range = rust_vma_hook_merge_new_range,
	.split = rust_vma_hook_split,
	.expand = rust_vma_hook_expand,
	.shrink = rust_vma_hook_shrink,
};

/*
 * What the hook offers, and what shows that the engine did it. No test of
 * upstream's splits a VMA but by way of vma_modify_flags(), so the engine is
 * entered there and splits by itself.
 */
static const struct {
	const char *function;
	const char *shown_by;
} served[] = {
	{ "vma_modify()", "entry: modify" },
	{ "vma_merge_existing_range()", "entry: merge_existing_range" },
	{ "vma_merge_new_range()", "entry: merge_new_range" },
	{ "__split_vma()", "cut: Both" },
	{ "vma_expand()", "entry: expand" },
	{ "vma_shrink()", "entry: shrink" },
};

static void show_served(void *data, const char *name, unsigned long count)
{
	int *missing = data;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(served); i++) {
		if (strcmp(name, served[i].shown_by))
			continue;
		printf("%10lu times Rust served %s\n", count, served[i].function);
		if (count)
			*missing -= 1;
	}
}

int main(int argc, char **argv)
{
	int missing = ARRAY_SIZE(served);
	int ret;

	if (argc > 1 && !strcmp(argv[1], "c"))
		return upstream_main();

	vma_hook_ops = &rust_ops;
	ret = upstream_main();
	rust_vma_tally(show_served, &missing);
	if (missing) {
		printf("%d of the hooked functions were not served\n", missing);
		return EXIT_FAILURE;
	}
	return ret;
}
