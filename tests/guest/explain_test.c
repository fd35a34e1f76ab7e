// SPDX-License-Identifier: GPL-2.0
/*
 * Layouts that real programs have run into, whose cause explain has to name; its words
 * for each difference between two VMAs; and the ways to ask it.
 */
#include "harness.h"
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <time.h>

#define EXPLAIN "/sys/kernel/debug/rust_vma/explain"
#define JSON "/sys/kernel/debug/rust_vma/explain.jsonl"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif
#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 0x08
#endif

static char answer[1 << 20];

static const char *ask(const char *file, const char *question)
{
	int fd = open(file, O_RDWR);

	*answer = 0;
	if (write(fd, question, strlen(question)) == (ssize_t)strlen(question))
		read_all(fd, answer, sizeof(answer));
	else
		complain("'%s' is refused", question);
	close(fd);
	return answer;
}

/* Asks about some pages from OURS on. */
static const char *explain(size_t pages, const char *detail)
{
	char question[128];

	snprintf(question, sizeof(question), "%d %lx %lx %s\n", getpid(), (unsigned long)OURS,
		 (unsigned long)(OURS + pages * page), detail);
	return ask(EXPLAIN, question);
}

/* Expects that the summary begins with this line. */
static void expect_culprit(size_t pages, const char *line)
{
	const char *found = explain(pages, "summary");

	if (strncmp(found, line, strlen(line)) || found[strlen(line)] != '\n')
		complain("the summary does not begin with '%s':\n%s", line, found);
}

static void expect_answer(size_t pages, const char *words)
{
	if (!strstr(explain(pages, ""), words))
		complain("there is no '%s' in:\n%s", words, answer);
}

/* Buffers that were registered for RDMA are not inherited, and remain so. */
static void rdma_that_forgets(void)
{
	must_map(OURS, 400, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 400; i += 4)
		expect(!madvise(OURS + i * page, page, MADV_DONTFORK));
	expect_culprit(400, "main cause: MADV_DONTFORK, at 199 of 199 boundaries (100%); "
			    "without it, 1 VMA would remain, not 200");
}

/* A heap, of which every second part of 16 KiB is left out of core dumps. */
static void heap_that_toggles_dumps(void)
{
	size_t pages = 16384 / page;

	must_map(OURS, 64 * pages, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memset(OURS, 1, 64 * pages * page);
	for (size_t i = 0; i < 64; i += 2)
		expect(!madvise(OURS + i * pages * page, pages * page, MADV_DONTDUMP));
	expect_culprit(64 * pages, "main cause: MADV_DONTDUMP, at 63 of 63 boundaries (100%); "
				   "without it, 1 VMA would remain, not 64");
}

/* Guard pages of mprotect() are VMAs; those of madvise() are not. */
static void guard_pages(void)
{
	must_map(OURS, 80, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 7; i < 80; i += 8)
		expect(!mprotect(OURS + i * page, page, PROT_NONE));
	expect_culprit(80, "main cause: access rights (mprotect), at 19 of 19 boundaries (100%); "
			   "without it, 1 VMA would remain, not 20");

	must_map(OURS, 80, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 7; i < 80; i += 8)
		expect(!madvise(OURS + i * page, page, MADV_GUARD_INSTALL));
	expect_culprit(80, "nothing keeps VMAs apart");
}

static void name(size_t first, size_t last, const char *text)
{
	expect(!prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, OURS + first * page,
		      (last - first) * page, text));
}

/* An allocator that names each of its arenas. */
static void arenas_with_names(void)
{
	char text[32];

	must_map(OURS, 160, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 160; i += 8) {
		snprintf(text, sizeof(text), "arena %zu", i / 8);
		name(i, i + 8, text);
	}
	expect_culprit(160,
		       "main cause: names (PR_SET_VMA_ANON_NAME), at 19 of 19 boundaries (100%); "
		       "without it, 1 VMA would remain, not 20");
}

/* Gives pages a policy that binds them to nodes, with these flags of the mode. */
static void bind(size_t first, size_t last, unsigned long flags, unsigned long nodes)
{
	expect(!syscall(SYS_mbind, OURS + first * page, (last - first) * page,
			2UL /* MPOL_BIND */ | flags, &nodes, 64UL, 0));
}

static void every_reason_and_what_it_is_about(void)
{
	static const char policies[] =
		"{"
		"\"rule\":\"policy\",\"lower\":\"default\",\"upper\":\"bind:1\",\"relation\":\"\"}";
	char question[64];

	must_map(OURS, 2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	name(0, 1, "a \"b\"");
	expect(!madvise(OURS + page, page, MADV_DONTDUMP));
	bind(1, 2, 0, 2);
	expect_answer(2, "apart: flags differ (only above: dd); "
			 "NUMA policies differ (below: default, above: bind:1); "
			 "names differ (below: \"a \"b\"\", above: none)\n");
	snprintf(question, sizeof(question), "%d %lx %lx", getpid(), (unsigned long)OURS,
		 (unsigned long)(OURS + 2 * page));
	ask(JSON, question);
	expect(strstr(answer, "{\"rule\":\"name\",\"lower\":\"a \\\"b\\\"\",\"upper\":null}]"));
	expect(strstr(answer, ",\"causes\":[\"MADV_DONTDUMP\",\"names (PR_SET_VMA_ANON_NAME)\","));
	expect(strstr(answer, ",\"NUMA policies (mbind)\"],\"upper_is\":{\"name\":null}}\n"));
	expect(strstr(answer, policies));
}

/* Policies may differ in more than their mode and nodes. */
static void policies_that_differ_in_little(void)
{
	const unsigned long static_nodes = 1 << 15, relative_nodes = 1 << 14;

	must_map(OURS, 4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	bind(0, 1, 0, 1);
	bind(1, 2, static_nodes, 1);
	/* A node that does not exist is left out, but remembered. */
	bind(2, 3, static_nodes, 1 | 1 << 3);
	bind(3, 4, relative_nodes, 1);
	expect_answer(4, "apart: NUMA policies differ (below: bind:0, above: bind=static:0)\n");
	expect_answer(4,
		      "apart: NUMA policies differ (below: bind=static:0, above: bind=static:0, which are: two policies)\n");
	expect_answer(4,
		      "apart: NUMA policies differ (below: bind=static:0, above: bind=relative:0)\n");
	bind(0, 4, 0, 3);
	expect(!syscall(450 /* set_mempolicy_home_node */, OURS + page, page, 1UL, 0UL));
	expect_answer(4, "apart: NUMA policies differ (below: bind:0,1, above: bind:0,1 home:1)\n");
}

/*
 * Pages of one file, mapped shared through a descriptor for reading and through one for
 * reading and writing.
 */
static void shared_by_two_descriptors(void)
{
	int fds[2], made = open("/tmp/shared", O_RDWR | O_CREAT | O_TRUNC, 0600);

	expect(made >= 0 && !ftruncate(made, 20 * page));
	close(made);
	fds[0] = open("/tmp/shared", O_RDONLY);
	fds[1] = open("/tmp/shared", O_RDWR);
	for (size_t i = 0; i < 20; i++)
		expect(mmap(OURS + i * page, page, PROT_READ, MAP_SHARED | MAP_FIXED, fds[i % 2],
			    i * page) == OURS + i * page);
	expect_culprit(20,
		       "main cause: rights that mprotect may give (how a file was opened), one file, opened anew together, at 19 of 19 boundaries (100%); "
		       "without both, 1 VMA would remain, not 20; without only one of them, 20");
	expect_answer(20,
		      "apart: flags differ (only above: sh mw); files differ (below: /tmp/shared, above: /tmp/shared, which are: one file, opened anew)\n");
	close(fds[0]);
	close(fds[1]);
	unlink("/tmp/shared");
}

/* Of two causes, the one without which fewer VMAs remain comes first. */
static void the_worse_of_two(void)
{
	must_map(OURS, 60, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 40; i += 2)
		expect(!madvise(OURS + i * page, page, MADV_DONTDUMP));
	for (size_t i = 40; i < 60; i += 4)
		expect(!madvise(OURS + i * page, page, MADV_DONTFORK));
	/* Pages 39 and 40 differ in one flag; nine pairs of pages 41 to 59 differ in the other. */
	expect_culprit(60, "main cause: MADV_DONTDUMP, at 39 of 49 boundaries (79%); "
			   "without it, 11 VMAs would remain, not 50");
	expect(strstr(answer, "        10         10            40  MADV_DONTFORK\n"));
	expect(strstr(answer, " 40 VMAs: MADV_DONTDUMP\n"));
}

/* If two causes apply to a boundary, removing one of them is not enough. */
static void both_or_nothing(void)
{
	must_map(OURS, 2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(!madvise(OURS, page, MADV_DONTDUMP));
	expect(!madvise(OURS, page, MADV_DONTFORK));
	expect_answer(2, "apart: flags differ (only below: dc dd)\n"
			 "main cause: MADV_DONTFORK, MADV_DONTDUMP together, at 1 of 1 boundaries (100%); "
			 "without both, 1 VMA would remain, not 2; without only one of them, 2\n");
	expect(strstr(answer, "         1          0             2  MADV_DONTFORK\n"));
	expect(strstr(answer, "         1          0             2  MADV_DONTDUMP\n"));
}

/* Three causes that always occur together are one step. */
static void three_together(void)
{
	must_map(OURS, 20, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 1; i < 20; i += 2) {
		expect(!madvise(OURS + i * page, page, MADV_DONTFORK));
		expect(!madvise(OURS + i * page, page, MADV_DONTDUMP));
		expect(!madvise(OURS + i * page, page, MADV_MERGEABLE));
	}
	expect_culprit(20,
		       "main cause: MADV_DONTFORK, MADV_DONTDUMP, MADV_MERGEABLE together, at 19 of 19 boundaries (100%); "
		       "without all three, 1 VMA would remain, not 20; without only two of them, 20");
	for (size_t i = 1; i < 20; i += 2) {
		expect(!madvise(OURS + i * page, page, MADV_DOFORK));
		expect(!madvise(OURS + i * page, page, MADV_DODUMP));
	}
	expect(count_vmas() == 20);
	for (size_t i = 1; i < 20; i += 2)
		expect(!madvise(OURS + i * page, page, MADV_UNMERGEABLE));
	expect(count_vmas() == 1);
}

/* A hole is a cause like others. */
static void every_second_page_is_unmapped(void)
{
	must_map(OURS, 21, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 1; i < 21; i += 2)
		expect(!munmap(OURS + i * page, page));
	expect_culprit(21, "main cause: holes (munmap), at 10 of 10 boundaries (100%); "
			   "without it, 1 VMA would remain, not 11");
	expect(strstr(answer, ": 11 VMAs in this range; 0 touch the next one, "));
	expect(strstr(answer, ", 11 touch no other\n"));
	expect_answer(21, " apart: nothing is mapped between them (size: 4 kB)\n");
	for (size_t i = 1; i < 21; i += 2)
		must_map(OURS + i * page, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(count_vmas() == 1);
}

/*
 * Stacks of threads with guard pages, written one by one: without the guards, anon_vmas
 * remain as a cause.
 */
static void one_cause_after_the_other(void)
{
	must_map(OURS, 40, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 40; i += 4)
		expect(!mprotect(OURS + i * page, page, PROT_NONE));
	for (size_t i = 3; i < 40; i += 4)
		OURS[i * page] = 1;
	expect_culprit(40, "main cause: access rights (mprotect), at 19 of 19 boundaries (100%); "
			   "without it, 10 VMAs would remain, not 20");
	expect(strstr(answer, "\nthen: anon_vmas (written before they were neighbours); "
			      "without it as well, 1 VMA would remain\n"));
	for (size_t i = 0; i < 40; i += 4)
		expect(!mprotect(OURS + i * page, page, PROT_READ | PROT_WRITE));
	expect(count_vmas() == 10);
}

/* The VMAs that every process has are not a problem. */
static void nothing_is_wrong(void)
{
	char question[32];

	munmap(OURS, 4096 * page);
	snprintf(question, sizeof(question), "%d summary", getpid());
	ask(EXPLAIN, question);
	if (strncmp(answer, "nothing is wrong: ", 18))
		complain("something is wrong:\n%s", answer);
	expect(strstr(answer, "VMAs of at most "));
	expect(strstr(answer, "segments of programs and libraries\n"));
}

/* Memory that was written before it was joined has two anon_vmas, or only one part has one. */
static void written_before_it_was_joined(void)
{
	must_map(OURS, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	must_map(OURS + 2 * page, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	OURS[0] = 1;
	OURS[2 * page] = 1;
	must_map(OURS + page, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect_answer(3, "apart: anon_vmas differ\n");
	/* The middle has joined the first one. */
	expect(count_vmas() == 2);
}

/*
 * A middle that was never written is mergeable with either neighbour, but the neighbours
 * are not mergeable with each other. Of three VMAs, two would remain, because nothing
 * merges twice.
 */
static void more_would_remain_than_pairs_say(void)
{
	must_map(OURS, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	must_map(OURS + 2 * page, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	OURS[0] = 1;
	OURS[2 * page] = 1;
	must_map(OURS + page, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	/* A middle that is cut off has the anon_vma of the first VMA; a new middle has none. */
	expect(!munmap(OURS + page, page));
	expect(mmap(OURS + page, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		    0) == OURS + page);
	expect_culprit(3, "main cause: access rights (mprotect), at 2 of 2 boundaries (100%); "
			  "without it, 2 VMAs would remain, not 3");
}

/* Registering with a userfaultfd sets a flag and a context. */
static void userfaultfd_is_one_cause(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register request = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	expect(!ioctl(fd, UFFDIO_API, &api));
	must_map(OURS, 40, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 40; i += 4) {
		request.range.start = (unsigned long)(OURS + i * page);
		request.range.len = page;
		expect(!ioctl(fd, UFFDIO_REGISTER, &request));
	}
	expect_culprit(40, "main cause: userfaultfd, at 19 of 19 boundaries (100%); "
			   "without it, 1 VMA would remain, not 20");
	close(fd);
}

/* Memory that is not reserved is not accounted either, which is not a separate cause. */
static void unreserved_memory(void)
{
	must_map(OURS, 40, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 40; i += 4)
		must_map(OURS + i * page, 1, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	expect_culprit(40, "main cause: MAP_NORESERVE, at 19 of 19 boundaries (100%); "
			   "without it, 1 VMA would remain, not 20");
}

/* Two pages of a special kind, which differ from ordinary memory in one or more flags. */
static void kinds_of_memory(void)
{
	static const struct {
		int flags;
		const char *reason, *culprit;
	} kinds[] = {
		{ MAP_PRIVATE | MAP_GROWSDOWN, "(only below: gd)", "MAP_GROWSDOWN" },
		{ MAP_DROPPABLE, "(only below: nr wf dd dp, only above: ac)", "MAP_DROPPABLE" },
		{ MAP_PRIVATE | MAP_NORESERVE, "(only below: nr, only above: ac)",
		  "MAP_NORESERVE" },
		{ MAP_PRIVATE | MAP_STACK, "(only below: nh)",
		  "advice on huge pages (madvise, MAP_STACK)" },
	};
	char line[160];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		must_map(OURS + page, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		must_map(OURS, 1, kinds[i].flags | MAP_ANONYMOUS, -1);
		snprintf(line, sizeof(line), "apart: flags differ %s\n", kinds[i].reason);
		expect_answer(2, line);
		snprintf(line, sizeof(line), "main cause: %s, at 1 of 1 boundaries (100%%); "
			 "without it, 1 VMA would remain, not 2", kinds[i].culprit);
		expect_culprit(2, line);
		expect(!munmap(OURS, 2 * page));
	}
}

/* The answer has the number of a protection key, and that of the page beside it. */
static void protection_keys(void)
{
	static const char summary[] =
		"main cause: protection keys (pkey_mprotect), at 1 of 1 boundaries (100%); "
		"without it, 1 VMA would remain, not 2";
	int key = syscall(SYS_pkey_alloc, 0UL, 0UL);
	char line[160];

	expect(key > 0);
	must_map(OURS, 2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(!syscall(SYS_pkey_mprotect, OURS, page, PROT_READ | PROT_WRITE, key));
	snprintf(line, sizeof(line),
		 "apart: flags differ (only below: key:%d, only above: key:0)\n", key);
	expect_answer(2, line);
	expect_culprit(2, summary);
	expect(!syscall(SYS_pkey_mprotect, OURS, page, PROT_READ | PROT_WRITE, 0));
	expect(!strstr(explain(2, ""), "flags differ"));
	syscall(SYS_pkey_free, key);
}

/* Memory that was writable once remains accounted. */
static void memory_given_back(void)
{
	expect(mmap(OURS, 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
	       OURS);
	expect(!mprotect(OURS, page, PROT_READ | PROT_WRITE));
	OURS[0] = 1;
	expect_answer(2, "apart: flags differ (only below: rd wr ac)\n");
	expect_culprit(2, "main cause: access rights (mprotect), at 1 of 1 boundaries (100%); "
			  "without it, 1 VMA would remain, not 2");
	expect(!madvise(OURS, page, MADV_DONTNEED));
	expect(!mprotect(OURS, page, PROT_NONE));
	expect_answer(2, "apart: flags differ (only below: ac)\n");
	expect_culprit(2,
		       "main cause: accounting (memory that was writable once), at 1 of 1 boundaries (100%); "
		       "without it, 1 VMA would remain, not 2");
	/* If the memory is mapped again, it was never writable. */
	expect(mmap(OURS, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == OURS);
	expect(count_vmas() == 1);
}

/* Memory that mremap() has moved keeps the page offsets of the address at which it was mapped. */
static void moved_memory(void)
{
	char *elsewhere = OURS + 16 * page;

	must_map(OURS, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	must_map(elsewhere, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	/* Memory that was never written would get new offsets. */
	*elsewhere = 1;
	expect(mremap(elsewhere, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, OURS + page) ==
	       OURS + page);
	expect_culprit(2,
		       "main cause: memory moved by mremap (it keeps its page offsets), at 1 of 1 boundaries (100%); "
		       "without it, 1 VMA would remain, not 2");
}

/* A System V segment has a close hook, so that two parts of a split segment never merge. */
static void drivers_that_watch(void)
{
	int segment = shmget(IPC_PRIVATE, 3 * page, IPC_CREAT | 0600);

	expect(shmat(segment, OURS, 0) == OURS);
	shmctl(segment, IPC_RMID, NULL);
	expect(!madvise(OURS + page, page, MADV_DONTDUMP));
	expect_culprit(3,
		       "main cause: MADV_DONTDUMP, drivers that watch for closing together, at 2 of 2 boundaries (100%); "
		       "without both, 1 VMA would remain, not 3; without only one of them, 3");
	expect_answer(3, "apart: the drivers of both have to see them closed; "
			 "flags differ (only above: dd)\n");
	expect(!madvise(OURS + page, page, MADV_DODUMP));
	expect_culprit(3,
		       "main cause: drivers that watch for closing, at 2 of 2 boundaries (100%); "
		       "without it, 1 VMA would remain, not 3");
	expect(count_vmas() == 3);
}

static void files_and_offsets(void)
{
	int one = memfd_create("one", 0), two = memfd_create("two", 0);

	expect(!ftruncate(one, 64 * page) && !ftruncate(two, 64 * page));
	expect(mmap(OURS, page, PROT_READ, MAP_SHARED | MAP_FIXED, one, 4 * page) == OURS);
	expect(mmap(OURS + page, page, PROT_READ, MAP_SHARED | MAP_FIXED, one, 16 * page) ==
	       OURS + page);
	expect(mmap(OURS + 2 * page, page, PROT_READ, MAP_SHARED | MAP_FIXED, two, 17 * page) ==
	       OURS + 2 * page);
	expect_answer(3, "apart: page offsets do not continue (found: 10, expected: 5)\n");
	expect_answer(3,
		      "apart: files differ (below: memfd one, above: memfd two)\n");
	close(one);
	close(two);
}

/* Each file is mapped from its beginning, so that offsets say nothing. */
static void many_files(void)
{
	for (size_t i = 0; i < 20; i++) {
		int fd = memfd_create("one of many", 0);

		expect(!ftruncate(fd, page));
		must_map(OURS + i * page, 1, MAP_SHARED, fd);
		close(fd);
	}
	expect_culprit(20, "main cause: files, at 19 of 19 boundaries (100%); "
			   "without it, 1 VMA would remain, not 20");
	expect(!strstr(answer, "page offsets"));
	expect_answer(20, ": memfd one of many, above: memfd one of many, which are: two files)\n");
	/* Each shared anonymous mapping is a separate file. */
	must_map(OURS, 1, MAP_SHARED | MAP_ANONYMOUS, -1);
	must_map(OURS + page, 1, MAP_SHARED | MAP_ANONYMOUS, -1);
	expect_answer(2,
		      ": shared anonymous memory, above: shared anonymous memory, which are: two files)\n");
}

/* If each mapping has opened the same file for itself, offsets do matter. */
static void one_file_opened_anew(void)
{
	static const char *const culprits[] = {
		"main cause: one file, opened anew, page offsets together, at 19 of 19 boundaries (100%); "
		"without both, 1 VMA would remain, not 20; without only one of them, 20",
		"main cause: one file, opened anew, at 19 of 19 boundaries (100%); "
		"without it, 1 VMA would remain, not 20",
	};
	int file = memfd_create("one", 0);
	char path[32];

	expect(!ftruncate(file, 20 * page));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	for (size_t in_order = 0; in_order < 2; in_order++) {
		for (size_t i = 0; i < 20; i++) {
			int fd = open(path, O_RDWR);

			expect(mmap(OURS + i * page, page, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
				    in_order * i * page) == OURS + i * page);
			close(fd);
		}
		expect_culprit(20, culprits[in_order]);
		expect_answer(20, ": memfd one, which are: one file, opened anew)");
	}
	/* Through one descriptor, the pages are one VMA. */
	for (size_t i = 0; i < 20; i++)
		expect(mmap(OURS + i * page, page, PROT_READ, MAP_SHARED | MAP_FIXED, file,
			    i * page) == OURS + i * page);
	expect(count_vmas() == 1);
	close(file);
}

/*
 * The child has three anon_vmas of memory that is one VMA now, but was three when the
 * parent forked.
 */
static void made_three_by_a_fork(void)
{
	int status;
	pid_t pid;

	must_map(OURS, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memset(OURS, 1, 3 * page);
	expect(!madvise(OURS + page, page, MADV_DONTDUMP));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		expect(!madvise(OURS + page, page, MADV_DODUMP));
		expect_answer(3, "apart: anon_vmas differ\n");
		expect_culprit(3,
			       "main cause: fork (an inherited anon_vma), at 2 of 2 boundaries (100%); "
			       "without it, 1 VMA would remain, not 3");
		fflush(stdout);
		_exit(failed);
	}
	expect(waitpid(pid, &status, 0) == pid && !status);
	expect(!madvise(OURS + page, page, MADV_DODUMP));
	expect(count_vmas() == 1);
}

/* Inherited memory does not merge with new memory beside it. */
static void kept_apart_by_a_fork(void)
{
	static const char culprit[] =
		"main cause: fork (an inherited anon_vma), at 1 of 1 boundaries (100%); "
		"without it, 1 VMA would remain, not 2";
	int status;
	pid_t pid;

	must_map(OURS, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	OURS[0] = 1;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		must_map(OURS + page, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		expect_answer(2, "apart: the anon_vma below was inherited by fork\n");
		expect_culprit(2, culprit);
		/* The fork keeps them apart, whether the new page was written or not. */
		OURS[page] = 1;
		expect_answer(2, "apart: anon_vmas differ\n");
		expect_culprit(2, culprit);
		fflush(stdout);
		_exit(failed);
	}
	expect(waitpid(pid, &status, 0) == pid && !status);
}

/* A child has no locked memory: the VMAs are mergeable, but no operation has tried. */
static void mergeable_in_a_child(void)
{
	int status;
	pid_t pid;

	must_map(OURS, 2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(!mlock2(OURS, page, MLOCK_ONFAULT));
	expect_answer(2, "apart: flags differ (only below: lo lf)\n");
	fflush(stdout);
	pid = fork();
	if (!pid) {
		expect_answer(2, " mergeable, but no operation has tried\n");
		expect_culprit(2, "nothing keeps VMAs apart");
		expect(strstr(answer, "\n1 VMA would remain if those that are mergeable merged\n"));
		fflush(stdout);
		_exit(failed);
	}
	expect(waitpid(pid, &status, 0) == pid && !status);
}

/* The first line for programs has the words of all other lines, whatever the question is. */
static void words_for_programs(void)
{
	static const char *const words[] = {
		"{\"rules\":[{\"rule\":\"close\",\"words\":\"",
		"{\"rule\":\"flags\",\"words\":\"flags differ\",\"details\":[",
		"{\"member\":\"only_lower\",\"words\":\"only below\",\"kind\":\"flags\"},",
		"\"flags\":{\"rd\":\"may be read\",",
		"\"causes\":{\"access rights (mprotect)\":{\"helps\":\"",
		",\"mergeable\":\"mergeable, but no operation has tried\",\"page_size\":4096,",
		"\"rights\":{\"r\":\"may be read\",",
		"},\"kinds\":{\"anonymous\":\"anonymous memory\",",
		"\"}}\n",
	};
	char question[64];

	must_map(OURS, 2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(!madvise(OURS, page, MADV_DONTDUMP));
	for (int summary = 0; summary < 2; summary++) {
		const char *at = answer, *end;

		snprintf(question, sizeof(question), "%d %lx %lx%s", getpid(), (unsigned long)OURS,
			 (unsigned long)(OURS + 2 * page), summary ? " summary" : "");
		ask(JSON, question);
		end = strchr(answer, '\n');
		expect(!strncmp(answer, words[0], strlen(words[0])));
		for (size_t i = 0; i < sizeof(words) / sizeof(*words) && at; i++) {
			at = strstr(at, words[i]);
			expect(at && at < end);
		}
		expect(end && !strncmp(end + 1, summary ? "{\"pid\":" : "{\"vma\":[", 7));
		expect(end && !strstr(end, "\"rules\""));
	}
	/* The text for people has no line with words. */
	expect(!strstr(explain(2, ""), "rules"));
}

/* The attributes of a VMA, according to the lines of explain.jsonl up to the current one. */
struct nature {
	char rights[8], kind[32], which[128], name[128];
};

/* Copies a string member of an object, if the object has it. A null member becomes empty. */
static void take_member(const char *object, const char *member, char *value, size_t size)
{
	char quoted[32];
	const char *at;

	snprintf(quoted, sizeof(quoted), "\"%s\":", member);
	at = strstr(object, quoted);
	if (!at)
		return;
	at += strlen(quoted);
	*value = 0;
	if (*at == '"')
		snprintf(value, size, "%.*s", (int)strcspn(at + 1, "\""), at + 1);
}

static void take_nature(const char *object, struct nature *nature)
{
	take_member(object, "rights", nature->rights, sizeof(nature->rights));
	take_member(object, "kind", nature->kind, sizeof(nature->kind));
	take_member(object, "which", nature->which, sizeof(nature->which));
	take_member(object, "name", nature->name, sizeof(nature->name));
}

/* Formats the last column of /proc/PID/maps. */
static void name_in_maps(const struct nature *nature, char *text, size_t size)
{
	static const char *const forms[][2] = {
		{ "heap", "[heap]" },
		{ "stack", "[stack]" },
		{ "special", "%s" },
		{ "file", "%s" },
		{ "memfd", "/memfd:%s (deleted)" },
		{ "system-v", "/SYSV%s (deleted)" },
		{ "shared-memory", "/dev/zero (deleted)" },
	};

	*text = 0;
	if (!strcmp(nature->kind, "anonymous") && *nature->name)
		snprintf(text, size, "[anon:%s]", nature->name);
	else if (!strcmp(nature->kind, "shared-memory") && *nature->name)
		snprintf(text, size, "[anon_shmem:%s]", nature->name);
	else
		for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
			if (!strcmp(nature->kind, forms[i][0]))
				snprintf(text, size, forms[i][1], nature->which);
}

/* Expects that the VMA that begins at start is described as in /proc/PID/maps. */
static void expect_as_in_maps(const char *maps, const char *start, const struct nature *nature)
{
	char line[256], name[256], rights[8] = "", found[256] = "";
	unsigned long at = strtoul(start, NULL, 16);
	int to_name = 0;

	snprintf(line, sizeof(line), "\n%08lx-", at);
	maps = strstr(maps, line);
	if (!maps) {
		complain("%lx is not in maps", at);
		return;
	}
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(maps + 1, "\n"), maps + 1);
	if (sscanf(line, "%*x-%*x %7s %*x %*s %*u%n", rights, &to_name) == 1)
		snprintf(found, sizeof(found), "%s",
			 line + to_name + strspn(line + to_name, " "));
	name_in_maps(nature, name, sizeof(name));
	if (strcmp(rights, nature->rights) || strcmp(found, name))
		complain("%s, but told: %s %s %s", line, nature->rights, nature->kind, name);
}

/* Returns the number of VMAs in /proc/PID/maps. The vsyscall page is not a VMA. */
static int count_in_maps(const char *maps)
{
	int count = 0;

	while ((maps = strchr(maps, '\n')) && *++maps) {
		size_t length = strcspn(maps, "\n");

		count += length < 10 || strncmp(maps + length - 10, "[vsyscall]", 10);
	}
	return count;
}

/* Checks the descriptions of VMAs in all lines, and returns the number of VMAs. */
static int check_natures(const char *maps)
{
	struct nature nature = { 0 };
	char *line = answer;
	int told = 0;

	while (*line) {
		char *end = line + strcspn(line, "\n");
		const char *range = NULL, *is;

		if (*end)
			*end++ = 0;
		is = strstr(line, "is\":{");
		if (!strncmp(line, "{\"vma\":[\"", 9))
			range = line + 9;
		else if (!strncmp(line, "{\"lower\":[\"", 11))
			range = strstr(line, "\"upper\":[\"") + 10;
		if (range && is)
			take_nature(is, &nature);
		if (range)
			expect_as_in_maps(maps, range, &nature);
		told += !!range;
		line = end;
	}
	return told;
}

/* Each VMA is described as the kernel describes it, whatever its kind. */
static void description_of_each_vma(void)
{
	static const char *const kinds[] = {
		"heap", "stack", "special", "file", "memfd", "system-v", "shared-memory",
	};
	int memfd = memfd_create("ring", 0), segment = shmget(IPC_PRIVATE, 4 * page, 0600);
	static char maps[1 << 16];
	char words[128];
	int fd, told;

	expect(!ftruncate(memfd, 4 * page) && sbrk(4 * page) != (void *)-1);
	must_map(OURS, 4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	name(0, 2, "arena");
	expect(!mprotect(OURS + page, page, PROT_READ));
	must_map(OURS + 6 * page, 4, MAP_SHARED, memfd);
	expect(!mprotect(OURS + 7 * page, page, PROT_NONE));
	must_map(OURS + 12 * page, 2, MAP_SHARED | MAP_ANONYMOUS, -1);
	must_map(OURS + 14 * page, 2, MAP_SHARED | MAP_ANONYMOUS, -1);
	name(14, 16, "shared");
	expect(shmat(segment, OURS + 16 * page, 0) == OURS + 16 * page);
	shmctl(segment, IPC_RMID, NULL);

	snprintf(words, sizeof(words), "%d", getpid());
	ask(JSON, words);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		snprintf(words, sizeof(words), "\"kind\":\"%s\",\"which\":", kinds[i]);
		if (!strstr(answer, words))
			complain("there is no VMA of the kind %s", kinds[i]);
	}
	*maps = '\n';
	fd = open("/proc/self/maps", O_RDONLY);
	read_all(fd, maps + 1, sizeof(maps) - 1);
	close(fd);
	told = check_natures(maps);
	if (told != count_in_maps(maps))
		complain("%d VMAs are told of, not %d", told, count_in_maps(maps));
	expect(!munmap(OURS, 20 * page) && !close(memfd));

	/* A VMA without neighbours is described as a whole, even if only a part is asked about. */
	must_map(OURS, 2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	snprintf(words, sizeof(words), "%d %lx %lx", getpid(), (unsigned long)OURS,
		 (unsigned long)(OURS + page));
	ask(JSON, words);
	snprintf(words, sizeof(words), "\n{\"vma\":[\"%lx\",\"%lx\"],\"is\":{\"rights\":\"rw-p\",",
		 (unsigned long)OURS, (unsigned long)(OURS + 2 * page));
	expect(strstr(answer, words));
	expect(!strstr(answer, "\"lower\":["));
}

/* The longest list here needs many pieces, and the two forms agree. */
static void many(void)
{
	size_t lines = 0, apart = 0;
	char question[64];

	must_map(OURS, 3000, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 3000; i += 2)
		expect(!madvise(OURS + i * page, page, MADV_DONTFORK));
	explain(3000, "");
	for (char *at = answer; (at = strstr(at, " apart: flags differ")); at++)
		lines++;
	expect(lines == 2999);
	expect(strstr(answer, "\nmain cause: MADV_DONTFORK, at 2999 of 2999 boundaries (100%); "
			      "without it, 1 VMA would remain, not 3000\n  what helps: "));
	expect(strstr(answer, ": 3000 VMAs in this range; 2999 touch the next one, "));
	snprintf(question, sizeof(question), "%d %lx %lx", getpid(), (unsigned long)OURS,
		 (unsigned long)(OURS + 3000 * page));
	ask(JSON, question);
	for (char *at = answer; (at = strstr(at, "\"blockers\":[{\"rule\":\"flags\"")); at++)
		apart++;
	expect(apart == 2999);
	expect(strstr(answer, "],\"vmas\":3000,\"max_map_count\":null,"));
	expect(strstr(answer, "[{\"cause\":\"MADV_DONTFORK\",\"boundaries\":2999,"));
}

/* An answer names its process and its time. */
static void whose_it_is(void)
{
	time_t before = time(NULL), after;
	char question[64], line[64], *at;
	struct tm then = { 0 };

	must_map(OURS, 2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	expect(!prctl(PR_SET_NAME, "a \"name\""));
	explain(2, "summary");
	after = time(NULL);
	snprintf(line, sizeof(line), "\nprocess %d (a \"name\"), ", getpid());
	at = strstr(answer, line);
	expect(at);
	at = at ? strptime(at + strlen(line), "%Y-%m-%d %H:%M:%S", &then) : NULL;
	expect(at && *at == ':');
	expect(timegm(&then) >= before && timegm(&then) <= after);
	snprintf(question, sizeof(question), "%d summary", getpid());
	ask(JSON, question);
	snprintf(line, sizeof(line),
		 "\n{\"pid\":%d,\"command\":\"a \\\"name\\\"\",\"time\":\"", getpid());
	expect(strstr(answer, line));
	expect(strstr(answer, "\",\"walk\":\"undisturbed\",\"asked_by\":null,\"answer\":["));
	expect(!prctl(PR_SET_NAME, "explain_test"));
}

/* Starts a child with many VMAs, which acts each time it can read a byte. */
static pid_t many_vmas_that(void (*obey)(void), int pipes[2])
{
	pid_t pid;
	char byte;

	expect(!pipe(pipes));
	fflush(stdout);
	pid = fork();
	if (pid)
		return pid;
	must_map(OURS, 3000, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 3000; i += 2)
		madvise(OURS + i * page, page, MADV_DONTFORK);
	kill(getpid(), SIGSTOP);
	while (read(pipes[0], &byte, 1) == 1) {
		obey();
		kill(getpid(), SIGSTOP);
	}
	_exit(0);
}

static void do_nothing(void)
{
}

static void change_something(void)
{
	madvise(OURS, page, MADV_DOFORK);
}

static void execute_something(void)
{
	execl("/bin/sleep", "sleep", "60", NULL);
}

/* Reads the beginning of an answer, makes the child act, and reads the rest. */
static void read_slowly(void (*obey)(void), bool stops, const char *words, const char *name)
{
	static const char *const files[] = { EXPLAIN, JSON };
	char question[32];
	int status;

	for (size_t i = 0; i < 2; i++) {
		int fd = open(files[i], O_RDWR), pipes[2];
		pid_t pid = many_vmas_that(obey, pipes);

		expect(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
		snprintf(question, sizeof(question), "%d", pid);
		expect(write(fd, question, strlen(question)) == (ssize_t)strlen(question));
		/* This is more than the words for programs, and less than everything. */
		for (ssize_t got, all = 0; all < 20000; all += got) {
			got = read(fd, answer, 4000);
			if (got <= 0) {
				complain("%s ends after %zd bytes", files[i], all);
				break;
			}
		}
		expect(write(pipes[1], "", 1) == 1);
		kill(pid, SIGCONT);
		if (stops)
			expect(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
		else
			usleep(300000);
		read_all(fd, answer, sizeof(answer));
		if (!strstr(answer, i ? name : words))
			complain("%s does not say '%s'", files[i], i ? name : words);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		close(pipes[0]);
		close(pipes[1]);
		close(fd);
	}
}

static void slow_readers(void)
{
	read_slowly(do_nothing, true, "\nprocess ", "\"walk\":\"undisturbed\",");
	read_slowly(change_something, true, "\nthe process may have changed its memory meanwhile",
		    "\"walk\":\"disturbed\",");
	read_slowly(execute_something, false, "\nincomplete: only this was seen before ",
		    "\"walk\":\"cut short\",");
}

static void wrong_questions_are_refused(void)
{
	static const struct {
		const char *question;
		int error;
		const char *why;
	} wrong[] = {
		{ "\n", EINVAL, "the line is empty; write <pid>, or <pid> <start> <end>" },
		{ "1x", EINVAL, "'1x' is not a process; write an id" },
		{ "x", ESRCH, "no process has the command 'x'" },
		{ "0", EINVAL, "'0' is not a process;" },
		{ "1 1000", EINVAL, "a range has two hexadecimal addresses; write <pid>" },
		{ "1 2000 1000", EINVAL, "the range 2000-1000 is empty or reversed" },
		{ "1 1000 1001", EINVAL, "1001 is not a multiple of the page size" },
		{ "1 summary x", EINVAL, "'x' is one word too many" },
		{ "1 1000 2000 x", EINVAL, "'x' is one word too many" },
		{ "1\n2", EINVAL, "there is a second line" },
		{ "2147483647", ESRCH, "there is no process 2147483647" },
		{ "2", EINVAL, "process 2 is a kernel thread" },
		{ "\xff", EILSEQ, "the byte at position 0 is not valid UTF-8" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		int error = ask_file(EXPLAIN, wrong[i].question, strlen(wrong[i].question));

		if (error != wrong[i].error || strncmp(outcome, "refused (", 9) ||
		    !strstr(outcome, wrong[i].why) || strchr(outcome, '\n')[1])
			complain("'%s': errno %d; %s", wrong[i].question, error, outcome);
	}
}

static const struct test tests[] = {
	test(rdma_that_forgets),
	test(heap_that_toggles_dumps),
	test(guard_pages),
	test(arenas_with_names),
	test(every_reason_and_what_it_is_about),
	test(policies_that_differ_in_little),
	test(shared_by_two_descriptors),
	test(the_worse_of_two),
	test(both_or_nothing),
	test(three_together),
	test(every_second_page_is_unmapped),
	test(one_cause_after_the_other),
	test(nothing_is_wrong),
	test(written_before_it_was_joined),
	test(more_would_remain_than_pairs_say),
	test(userfaultfd_is_one_cause),
	test(unreserved_memory),
	test(kinds_of_memory),
	test(memory_given_back),
	test(moved_memory),
	test(drivers_that_watch),
	test(files_and_offsets),
	test(many_files),
	test(one_file_opened_anew),
	test(made_three_by_a_fork),
	test(kept_apart_by_a_fork),
	test(mergeable_in_a_child),
	test(words_for_programs),
	test(description_of_each_vma),
	test(many),
	test(whose_it_is),
	test(slow_readers),
	test(wrong_questions_are_refused),
	/* This test needs a processor with protection keys. */
	test(protection_keys),
};

int main(void)
{
	size_t count = sizeof(tests) / sizeof(*tests);
	int key = syscall(SYS_pkey_alloc, 0UL, 0UL);

	if (key < 0)
		count--;
	else
		syscall(SYS_pkey_free, key);
	return run_tests(tests, count);
}
