// SPDX-License-Identifier: GPL-2.0
/*
 * The shadow's report about a difference, in the log: the request, its VMAs, and the
 * comparison of each VMA with the request. The rules of the test module are wrong
 * (kunit/wrong_rule.rs), so that there is a difference.
 */
#include "harness.h"
#include "engine.h"
#include "fail_nth.h"
#include "shadow.h"
#include "wrong_rule.h"
#include <linux/mempolicy.h>
#include <sys/prctl.h>
#include <sys/shm.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

/* The words of the log about a VMA: its flags, and the words after them. */
struct told {
	unsigned long flags;
	char words[128];
};

static struct told find_told(const char *who, size_t first, size_t last)
{
	struct told told = { 0 };
	char begin[64];
	const char *at;

	sprintf(begin, "  %-7s %lx-%lx ", who, (unsigned long)(OURS + first * page),
		(unsigned long)(OURS + last * page));
	at = strstr(read_log(), begin);
	at = at ? strstr(at, " flags ") : NULL;
	if (!at || sscanf(at, " flags %lx%127[^\n]", &told.flags, told.words) < 1)
		complain("no '%s' in the log:\n%s", begin, read_log());
	return told;
}

static void expect_told(const char *who, size_t first, size_t last, const char *wanted)
{
	struct told told = find_told(who, first, last);

	if (strcmp(told.words, wanted))
		complain("%s is told to be '%s', not '%s'", who, told.words, wanted);
}

/* Returns the words about the request, which end with the number of VMAs and the limit. */
static const char *asked(const char *words, int count)
{
	static char text[128];
	int fd = open(MAX_MAP_COUNT, O_RDONLY);
	char limit[16];

	read_all(fd, limit, sizeof(limit));
	close(fd);
	sprintf(text, "%s vmas %d/%d", words, count, atoi(limit));
	return text;
}

/* Makes every answer differ, so that the first call of each function is reported. */
static void begin_words(void)
{
	begin_wrong(ANSWERS);
}

/* Makes a call that is reported. */
#define told_of(action)                                                        \
	do {                                                                   \
		expect(!choose("shadow keep"));                                \
		differs(action);                                               \
		expect(!choose("c"));                                          \
	} while (0)

static void words_for_files(void)
{
	int fd = memfd_create("one", 0), other = memfd_create("other", 0), count;
	char offsets[64];

	expect(!ftruncate(fd, 16 * page) && !ftruncate(other, 16 * page));
	begin_words();
	must_map(OURS, 8, MAP_SHARED, fd);
	count = vmas();
	told_of(protect(2, 4, PROT_READ));
	expect_told("asked", 2, 4, asked(" file", count));
	expect_told("middle", 0, 8, " file");
	/*
	 * The page offset is the one in the file; the anonymous page offset is that of
	 * the address.
	 */
	sprintf(offsets, "  middle  %lx-%lx 0 %lx flags ", (unsigned long)OURS,
		(unsigned long)OURS + 8 * page, (unsigned long)OURS / page);
	expect(strstr(read_log(), offsets));
	/* Writable memory has VM_WRITE. */
	expect(!(find_told("asked", 2, 4).flags & 2));
	expect(find_told("middle", 0, 8).flags & 2);
	count = vmas();
	told_of(mmap(OURS + 8 * page, 2 * page, RW, MAP_SHARED | MAP_FIXED, other, 0) ==
		OURS + 8 * page);
	expect_told("asked", 8, 10, asked(" file", count));
	expect_told("prev", 4, 8, " file other-file");
	end_wrong();

	begin_words();
	must_map(OURS, 8, MAP_SHARED, fd);
	told_of(map(8, 10, RW));
	expect_told("prev", 0, 8, " file other-file");
	expect_told("asked", 8, 10, asked("", vmas() - 1));
	end_wrong();
	close(fd);
	close(other);
}

static void words_for_anon_vmas(void)
{
	int count;

	/* Two VMAs that were written to separately. */
	begin_words();
	expect(map(0, 8, RW) && !madvise(OURS, 4 * page, MADV_DONTFORK));
	write_pages(0, 8);
	count = vmas();
	told_of(protect(4, 8, PROT_READ));
	expect_told("asked", 4, 8, asked(" anon_vma", count));
	expect_told("prev", 0, 4, " other-anon_vma");
	expect_told("middle", 4, 8, " anon_vma");
	end_wrong();

	/* Three VMAs that were one. */
	begin_words();
	expect(map(0, 12, RW));
	write_pages(0, 12);
	expect(protect(4, 8, PROT_READ));
	count = vmas();
	told_of(protect(4, 8, RW));
	expect_told("asked", 4, 8, asked(" anon_vma ends-share-anon_vma", count));
	expect_told("prev", 0, 4, " anon_vma");
	expect_told("next", 8, 12, " anon_vma");
	end_wrong();

	/* Unwritten VMAs, and VMAs that are written to only at one end. */
	for (int i = 0; i < 2; i++) {
		begin_words();
		expect(map(0, 12, RW) && protect(4, 8, PROT_READ));
		if (i)
			write_pages(8, 12);
		count = vmas();
		told_of(protect(4, 8, RW));
		expect_told("asked", 4, 8, asked("", count));
		expect_told("prev", 0, 4, "");
		expect_told("next", 8, 12, i ? " other-anon_vma" : "");
		end_wrong();
	}
}

static void words_for_a_child(void)
{
	int status;
	pid_t pid;

	begin_words();
	expect(map(0, 8, RW) && map(8, 12, PROT_READ));
	write_pages(0, 8);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		int count = vmas();

		told_of(protect(4, 8, PROT_READ));
		expect_told("asked", 4, 8, asked(" anon_vma forked", count));
		expect_told("middle", 0, 8, " anon_vma forked");
		expect_told("next", 8, 12, "");
		fflush(stdout);
		_exit(failed);
	}
	expect(waitpid(pid, &status, 0) == pid && !status);
	end_wrong();
}

static void words_for_what_moves(void)
{
	begin_words();
	expect(map(0, 4, RW) && map(8, 12, RW));
	write_pages(8, 12);
	told_of(mremap(OURS + 8 * page, 4 * page, 4 * page, MREMAP_MAYMOVE | MREMAP_FIXED,
		       OURS + 4 * page) == OURS + 4 * page);
	expect(strstr(find_told("asked", 4, 8).words, " anon_vma moves vmas "));
	end_wrong();
}

static void words_for_what_is_given_up(void)
{
	int fd, count;

	begin_words();
	expect(map(0, 8, RW));
	fd = register_pages(4, 8);
	count = vmas();
	told_of(unregister_pages(fd, 4, 8));
	expect_told("asked", 4, 8, asked(" gives-up", count));
	expect_told("middle", 4, 8, " other-uffd");
	expect_told("prev", 0, 4, "");
	close(fd);
	end_wrong();
}

static void words_for_attributes(void)
{
	unsigned long nodes = 2;
	int fd, segment;

	begin_words();
	expect(map(0, 8, RW));
	expect(!syscall(SYS_mbind, OURS, 4 * page, MPOL_BIND, &nodes, 65, 0));
	told_of(protect(4, 8, PROT_READ));
	expect_told("prev", 0, 4, " other-policy");
	expect_told("middle", 4, 8, "");
	end_wrong();

	begin_words();
	expect(map(0, 8, RW));
	expect(!prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, OURS, 4 * page, "another"));
	told_of(protect(4, 8, PROT_READ));
	expect_told("prev", 0, 4, " other-name");
	expect_told("middle", 4, 8, "");
	end_wrong();

	begin_words();
	expect(map(0, 8, RW));
	fd = register_pages(0, 4);
	told_of(protect(4, 8, PROT_READ));
	expect_told("prev", 0, 4, " other-uffd");
	expect_told("middle", 4, 8, "");
	close(fd);
	end_wrong();

	begin_words();
	segment = shmget(IPC_PRIVATE, 4 * page, IPC_CREAT | 0600);
	expect(shmat(segment, OURS, 0) == OURS);
	shmctl(segment, IPC_RMID, NULL);
	told_of(protect(1, 2, PROT_READ));
	expect_told("middle", 0, 4, " file closes");
	expect(!shmdt(OURS));
	end_wrong();
}

static const struct test tests[] = {
	test(words_for_files),
	test(words_for_anon_vmas),
	test(words_for_a_child),
	test(words_for_what_moves),
	test(words_for_what_is_given_up),
	test(words_for_attributes),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
