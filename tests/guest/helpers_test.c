// SPDX-License-Identifier: GPL-2.0
/*
 * The chosen engine executes each hooked helper, and no other engine does. For each
 * helper, the system call is made that leads to it, and the file engine shows the counts.
 */
#include "harness.h"
#include "helpers.h"

#define ENGINE "/sys/kernel/debug/rust_vma/engine"

enum engine { C, RUST, SHADOW, ENGINES };

static const char *const engines[] = { "c", "rust", "shadow" };

/* Reads the number of calls of this helper that each engine has executed. */
static void read_calls(const char *helper, unsigned long calls[ENGINES])
{
	FILE *file = fopen(ENGINE, "r");
	char line[128], name[32];
	bool found = false;

	while (file && fgets(line, sizeof(line), file)) {
		unsigned long read[ENGINES];

		if (sscanf(line, "%31s %lu %lu %lu", name, &read[C], &read[RUST],
			   &read[SHADOW]) != 4 || strcmp(name, helper))
			continue;
		memcpy(calls, read, sizeof(read));
		found = true;
	}
	if (file)
		fclose(file);
	if (!found)
		complain("%s has no line in engine", helper);
}

static void expect_calls_by(enum engine engine)
{
	expect(!write_to(ENGINE, engines[engine], strlen(engines[engine])));
	for (size_t i = 0; i < sizeof(helpers) / sizeof(*helpers); i++) {
		unsigned long before[ENGINES] = { 0 }, after[ENGINES] = { 0 };

		read_calls(helpers[i].helper, before);
		if (!call_helper(i))
			complain("the call for %s fails: %s", helpers[i].helper,
				 strerror(errno));
		read_calls(helpers[i].helper, after);
		for (int other = 0; other < ENGINES; other++) {
			bool more = after[other] > before[other];
			bool wanted = other == (int)engine;

			if (more != wanted)
				complain("with %s: %s by %s: %lu calls, then %lu",
					 engines[engine], helpers[i].helper, engines[other],
					 before[other], after[other]);
		}
	}
	munmap(OURS, 128 * page);
	expect(!write_to(ENGINE, "c", 1));
}

static void each_helper_by_c(void)
{
	expect_calls_by(C);
}

static void each_helper_by_rust(void)
{
	expect_calls_by(RUST);
}

static void each_helper_by_the_shadow(void)
{
	expect_calls_by(SHADOW);
}

static const struct test tests[] = {
	test(each_helper_by_c),
	test(each_helper_by_rust),
	test(each_helper_by_the_shadow),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
