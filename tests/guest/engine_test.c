// SPDX-License-Identifier: GPL-2.0
/*
 * The running kernel's own merging and splitting, by each engine: who serves which
 * calls, that none is lost when the engine changes, that the module can go, and
 * what happens when Rust and C differ.
 */
#include "harness.h"
#include <pthread.h>
#include <stdatomic.h>

#define DEBUGFS "/sys/kernel/debug/"
#define KUNIT_FILTER "/sys/module/kunit/parameters/filter_glob"

/* The functions that are hooked, in the order of the file. */
enum entry { MODIFY, MERGE_NEW_RANGE, SPLIT, EXPAND, SHRINK, ENTRIES };
enum engine { C, RUST, SHADOW, ENGINES };

static const char *const entries[] = {
	"vma_modify", "vma_merge_new_range", "__split_vma", "vma_expand", "vma_shrink",
};

static const char *const engines[] = { "c", "rust", "shadow" };

/* What the file engine says. */
struct said {
	char engine[32];
	unsigned long calls[ENTRIES][ENGINES];
	unsigned long compared, differences, refused;
};

/* The module whose files are read. */
static const char *module = "rust_vma";

static const char *engine_file(void)
{
	static char name[64];

	snprintf(name, sizeof(name), DEBUGFS "%s/engine", module);
	return name;
}

static struct said ask(void)
{
	FILE *file = fopen(engine_file(), "r");
	struct said said = { 0 };
	char line[128], name[32];
	unsigned long calls[ENGINES];

	if (!file) {
		complain("cannot open %s: %s", engine_file(), strerror(errno));
		return said;
	}
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "engine %31[^\n]", said.engine) == 1)
			continue;
		if (sscanf(line, "shadow %lu compared, %lu differences", &said.compared,
			   &said.differences) == 2)
			continue;
		if (sscanf(line, "refused %lu", &said.refused) == 1)
			continue;
		if (sscanf(line, "%31s %lu %lu %lu", name, &calls[C], &calls[RUST],
			   &calls[SHADOW]) != 4)
			continue;
		for (int entry = 0; entry < ENTRIES; entry++)
			if (!strcmp(name, entries[entry]))
				memcpy(said.calls[entry], calls, sizeof(calls));
	}
	fclose(file);
	return said;
}

static int choose(const char *engine)
{
	return write_to(engine_file(), engine, strlen(engine));
}

/* Makes the kernel enter each of the hooked functions. */
static void enter_each(void)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		execl("/bin/enter_all", "enter_all", NULL);
		_exit(1);
	}
	expect(waitpid(pid, &status, 0) == pid && !status);
}

static void each_engine_serves_all(void)
{
	for (int engine = 0; engine < ENGINES; engine++) {
		struct said before, after;

		expect(!choose(engines[engine]));
		before = ask();
		expect(!strcmp(before.engine, engines[engine]));
		enter_each();
		after = ask();
		for (int entry = 0; entry < ENTRIES; entry++) {
			for (int other = 0; other < ENGINES; other++) {
				bool more = after.calls[entry][other] >
					    before.calls[entry][other];
				bool wanted = other == engine;

				if (more != wanted)
					complain("with %s: %s by %s: %lu calls, then %lu",
						 engines[engine], entries[entry],
						 engines[other], before.calls[entry][other],
						 after.calls[entry][other]);
			}
		}
	}
	expect(!ask().differences);
}

static atomic_bool flipping;
static atomic_ulong flips;

static void *flip(void *unused)
{
	while (flipping) {
		if (choose(engines[flips++ % ENGINES]))
			complain("cannot choose an engine");
	}
	return unused;
}

static unsigned long modifications(void)
{
	struct said said = ask();
	unsigned long sum = 0;

	for (int engine = 0; engine < ENGINES; engine++)
		sum += said.calls[MODIFY][engine];
	return sum;
}

/* Each mprotect() here is one call of vma_modify(). */
static void no_call_is_lost_in_a_switch(void)
{
	const unsigned long calls = 20000;
	unsigned long before;
	pthread_t flipper;

	must_map(OURS, 8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memset(OURS, 0x5a, 8 * page);
	flipping = true;
	flips = 0;
	/* Whoever flips maps its stack first. */
	expect(!pthread_create(&flipper, NULL, flip, NULL));
	while (flips < 10)
		sched_yield();
	before = modifications();
	for (unsigned long i = 0; i < calls; i++) {
		size_t at = 1 + i / 2 % 6;

		expect(!mprotect(OURS + at * page, page,
				 i % 2 ? PROT_READ | PROT_WRITE : PROT_READ));
	}
	expect(modifications() == before + calls);
	flipping = false;
	pthread_join(flipper, NULL);
	printf("  %lu flips\n", (unsigned long)flips);
	expect(flips > 100);
	expect(count_vmas() == 1);
	for (size_t i = 0; i < 8 * page; i++)
		if (OURS[i] != 0x5a)
			complain("byte %zu has changed", i);
	expect(!choose("c"));
}

static void what_is_no_engine_is_refused(void)
{
	static const char *const words[] = {
		"", "\n", "C", "rusty", "rust shadow", "keep", "rust keep keep", "\xff",
		"rust and nothing else",
	};

	expect(!choose("rust keep\n"));
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		/* An empty write does not reach a file. */
		expect(choose(words[i]) == EINVAL);
		expect(strstr(outcome, "refused (EINVAL): "));
		expect(!strcmp(ask().engine, "rust keep"));
	}
	expect(!choose("c"));
	expect(!strcmp(ask().engine, "c"));
}

static int load(const char *name, const char *parameters)
{
	char path[64];
	int fd, error;

	snprintf(path, sizeof(path), "/lib/modules/%s.ko", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	error = syscall(SYS_finit_module, fd, parameters, 0) ? errno : 0;
	close(fd);
	return error;
}

static int unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? errno : 0;
}

static void the_module_goes_while_it_serves(void)
{
	int fd;

	expect(!choose("rust"));
	fd = open(engine_file(), O_RDONLY);
	expect(fd >= 0);
	/* Not while somebody has a file open. */
	expect(unload("rust_vma") == EWOULDBLOCK);
	expect(!strcmp(ask().engine, "rust"));
	close(fd);
	expect(!unload("rust_vma"));
	enter_each();
	expect(load("rust_vma", "engine=3") == EINVAL);
	expect(load("rust_vma", "engine=-1") == EINVAL);
	expect(!load("rust_vma", "engine=1"));
	expect(!strcmp(ask().engine, "rust"));
	enter_each();
	expect(ask().calls[SPLIT][RUST]);
	expect(!choose("c"));
}

static void the_hook_has_one_server(void)
{
	expect(load("rust_vma_kunit", "engine=0") == EBUSY);
}

/* Merges a page into the VMA before it, which the wrong rule says never happens. */
static void merge_left(void)
{
	must_map(OURS, 4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(!mprotect(OURS, 2 * page, PROT_READ));
	expect(!mprotect(OURS + 2 * page, page, PROT_READ));
	expect(count_vmas() == 2);
	unmap_twins();
}

/* The test module has a rule that is wrong. */
static void a_wrong_rule_is_noticed(void)
{
	const char *none = "none";
	struct said said;

	/* The suites are for another time. */
	expect(!write_to(KUNIT_FILTER, none, strlen(none)));
	expect(!unload("rust_vma"));
	expect(!load("rust_vma_kunit", "engine=2"));
	module = "rust_vma_kunit";

	expect(!strcmp(ask().engine, "shadow"));
	merge_left();
	said = ask();
	expect(said.differences == 1);
	expect(!strcmp(said.engine, "c"));

	/* And from then on C serves, unless told otherwise. */
	merge_left();
	expect(ask().differences == 1);
	expect(!choose("shadow keep"));
	merge_left();
	merge_left();
	said = ask();
	expect(said.differences == 3);
	expect(!strcmp(said.engine, "shadow keep"));

	expect(!unload("rust_vma_kunit"));
	module = "rust_vma";
	expect(!load("rust_vma", "engine=0"));
}

/* What the kernel's log has of ours. */
static char *read_log(void)
{
	static char log[1 << 17];
	char *at = log;
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	ssize_t length;

	*log = 0;
	for (;;) {
		length = read(fd, at, log + sizeof(log) - 1 - at);
		if (length < 0 && errno == EPIPE)
			continue;
		if (length <= 0)
			break;
		at[length] = 0;
		if (strstr(at, ";rust_vma"))
			at += length;
		else
			*at = 0;
	}
	close(fd);
	return log;
}

static void the_log_says_what_differed(void)
{
	static const char *const lines[] = {
		"vma_modify: Rust and C differ\n",
		"asked   700000002000-700000003000 700000002 700000002 flags ",
		"prev    700000000000-700000002000 700000000 700000000 flags ",
		"middle  700000002000-700000004000 700000002 700000002 flags ",
		"Rust returns middle, and leaves\n",
		"prev    700000000000-700000002000 ", "middle  700000002000-700000003000 ",
		"new     700000003000-700000004000 ",
		"C returns prev, and leaves\n",
		"prev    700000000000-700000003000 ", "middle  700000003000-700000004000 ",
		"vma_modify: Rust and C differ; C serves from now on\n",
	};
	char *log = read_log();
	const char *at = log;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		at = strstr(at, lines[i]);
		if (!at) {
			complain("the log does not say '%s' there:\n%s", lines[i], log);
			return;
		}
	}
	/* Once for each kind. */
	expect(!strstr(strstr(log, "asked  ") + 1, "asked  "));
}

/* Each of the functions does something that its wrong rule says it does not. */
static void each_function_is_watched(void)
{
	char line[64];

	expect(!unload("rust_vma"));
	expect(!load("rust_vma_kunit", "engine=2"));
	module = "rust_vma_kunit";
	expect(!choose("shadow keep"));
	merge_left();
	/* What has left a hole comes back. */
	must_map(OURS, 8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memset(OURS, 0x5a, 8 * page);
	expect(mremap(OURS + 5 * page, page, page, MREMAP_MAYMOVE | MREMAP_FIXED,
		      OURS + 16 * page) == OURS + 16 * page);
	expect(mremap(OURS + 16 * page, page, page, MREMAP_MAYMOVE | MREMAP_FIXED,
		      OURS + 5 * page) == OURS + 5 * page);
	expect(count_vmas() == 1);
	unmap_twins();
	enter_each();
	for (int entry = 0; entry < ENTRIES; entry++) {
		snprintf(line, sizeof(line), "rust_vma_kunit: %s: Rust and C differ\n",
			 entries[entry]);
		if (!strstr(read_log(), line))
			complain("the log does not say '%s'", line);
	}
	expect(ask().differences >= ENTRIES);
	expect(!unload("rust_vma_kunit"));
	module = "rust_vma";
	expect(!load("rust_vma", "engine=0"));
}

/* A suite of the test module asks for what cannot be meant. */
static void nonsense_is_left_to_c(void)
{
	static const char suite[] = "rust_vma_nonsense", none[] = "none";

	expect(!write_to(KUNIT_FILTER, suite, strlen(suite)));
	expect(!unload("rust_vma"));
	expect(!load("rust_vma_kunit", "engine=1"));
	module = "rust_vma_kunit";
	expect(!strcmp(ask().engine, "c"));
	expect(ask().refused == 1);
	expect(strstr(read_log(), "was asked for what cannot be meant; C serves from now on\n"));
	expect(!write_to(KUNIT_FILTER, none, strlen(none)));
	expect(!unload("rust_vma_kunit"));
	module = "rust_vma";
	expect(!load("rust_vma", "engine=0"));
}

static const struct test tests[] = {
	test(each_engine_serves_all),
	test(no_call_is_lost_in_a_switch),
	test(what_is_no_engine_is_refused),
	test(the_module_goes_while_it_serves),
	test(the_hook_has_one_server),
	/* The second one needs the first. */
	test(a_wrong_rule_is_noticed),
	test(the_log_says_what_differed),
	test(each_function_is_watched),
	test(nonsense_is_left_to_c),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
