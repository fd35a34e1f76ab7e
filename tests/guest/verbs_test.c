// SPDX-License-Identifier: GPL-2.0
/*
 * Compares every verb of ctl with the corresponding system call, on twin processes: the
 * result has to be the same, and then the memory, according to smaps, numa_maps, status
 * and the bytes themselves.
 */
#include "harness.h"
#include "twins.h"

static void protect(void)
{
	start_twins();
	both(DO_MAP, 0, 16, PROT_READ | PROT_WRITE);
	both(DO_TOUCH, 0, 16, .more = 7);
	expect(same(DO_PROTECT, 4, 8, PROT_READ) == 0);
	expect(same(DO_PROTECT, 8, 12, PROT_READ) == 0);
	expect(strstr(outcome, "merged below"));
	expect(same(DO_PROTECT, 0, 16, PROT_NONE) == 0);
	expect(same(DO_PROTECT, 0, 16, PROT_READ | PROT_EXEC) == 0);
	expect(same(DO_PROTECT, 0, 16, PROT_READ | PROT_WRITE) == 0);
	expect(strstr(outcome, "1 merged") || strstr(outcome, "1 changed whole"));
	/* The pages are writable again, and readable. */
	expect(ask_for(&ours, DO_READ_BYTE, 5, .how = 1, .more = 9) == 9);
	/* The page tables have changed as well: a write kills the twin. */
	expect(ask_for(&theirs, DO_READ_BYTE, 5, .how = 1, .more = 9) == 9);
	expect(same(DO_PROTECT, 5, 6, PROT_READ) == 0);
	expect(ask_for(&ours, DO_READ_BYTE, 5) == 9);
	expect(ask_for(&ours, DO_READ_BYTE, 5, .how = 1, .more = 1) == -1);
	end_twins();
}

/* Memory that was never written is charged when it becomes writable. */
static void protect_accounts(void)
{
	start_twins();
	both(DO_MAP, 0, 16, PROT_READ);
	expect(same(DO_PROTECT, 0, 8, PROT_READ | PROT_WRITE) == 0);
	expect(same(DO_PROTECT, 0, 8, PROT_READ) == 0);
	expect(same(DO_PROTECT, 0, 16, PROT_READ | PROT_WRITE) == 0);
	both(DO_TOUCH, 0, 4, .more = 1);
	expect(same(DO_PROTECT, 0, 16, PROT_READ) == 0);
	both(DO_LOCK, 0, 16, 1);
	expect(same(DO_PROTECT, 0, 16, PROT_READ | PROT_WRITE) == 0);
	/* Two locked VMAs become writable in one call. */
	both(DO_MAP, 30, 38, PROT_READ);
	both(DO_MADVISE, 34, 38, MADV_DONTFORK);
	both(DO_LOCK, 30, 38, 1);
	expect(same(DO_PROTECT, 30, 38, PROT_READ | PROT_WRITE) == 0);
	both(DO_MAP_FILE, 16, 18, PROT_READ);
	expect(same(DO_PROTECT, 16, 18, PROT_READ | PROT_WRITE) == 0);
	both(DO_MAP_FD, 20, 24, PROT_READ | PROT_WRITE);
	both(DO_TOUCH, 20, 24, .more = 3);
	expect(same(DO_PROTECT, 21, 22, PROT_READ) == 0);
	expect(same(DO_PROTECT, 21, 22, PROT_READ | PROT_WRITE) == 0);
	expect(strstr(outcome, "merged both"));
	end_twins();
}

/* Returns the memory that is committed to all processes, in pages. */
static long promised(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	long kilobytes = -1;
	char line[128];

	while (fgets(line, sizeof(line), file))
		sscanf(line, "Committed_AS: %ld kB", &kilobytes);
	fclose(file);
	return kilobytes * 1024 / (long)page;
}

#define BIG 16384L

/*
 * Expects that the committed memory has changed by this many pages. Other processes may
 * change a few.
 */
static void expect_promise(long *before, long change, int line)
{
	long now = promised(), off = now - *before - change;

	if (off > BIG / 8 || off < -BIG / 8)
		complain("line %d: %ld pages promised, not %ld more than %ld (outcome: %s)", line,
			 now, change, *before, outcome);
	*before = now;
}

static void promises(void)
{
	unsigned long start = (unsigned long)OURS, end = start + BIG * page;
	long before = promised();
	int me = getpid();

	mmap(OURS, BIG * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	expect_promise(&before, 0, __LINE__);
	expect(ctl("protect %d %lx %lx rw-", me, start, end) == 0);
	expect_promise(&before, BIG, __LINE__);
	expect(ctl("protect %d %lx %lx r--", me, start, end) == 0);
	expect_promise(&before, -BIG, __LINE__);
	/* Half of the range is refused, and the charge is undone. */
	expect(ctl("protect %d %lx %lx rw-", me, start, end + page) == ENOMEM);
	expect_promise(&before, 0, __LINE__);
	expect(ctl("new %d %lx %lx", me, end, end + BIG * page) == 0);
	expect_promise(&before, BIG, __LINE__);
	expect(ctl("extend %d %lx %lx", me, end + BIG * page, end + 2 * BIG * page) == 0);
	expect_promise(&before, BIG, __LINE__);
	/* A new range that merges with the VMA below is charged as well. */
	expect(ctl("new %d %lx %lx", me, end + 2 * BIG * page, end + 3 * BIG * page) == 0);
	expect(strstr(outcome, "merged below"));
	expect_promise(&before, BIG, __LINE__);
	munmap(OURS, 4 * BIG * page);
	expect_promise(&before, -3 * BIG, __LINE__);
}

static void protect_refused(void)
{
	start_twins();
	both(DO_MAP, 0, 16, PROT_READ | PROT_WRITE);
	both(DO_SEAL, 4, 8);
	refused(EPERM, "sealed", DO_PROTECT, 4, 8, PROT_READ);
	refused(EPERM, "sealed", DO_PROTECT, 0, 16, PROT_READ);
	expect(strstr(outcome, "stopped (EPERM)"));
	both(DO_DENY_WRITE_EXEC);
	refused(EACCES, "PR_SET_MDWE", DO_PROTECT, 8, 16, PROT_READ | PROT_EXEC);
	refused(EACCES, "PR_SET_MDWE", DO_MAP, 20, 24, PROT_READ | PROT_WRITE | PROT_EXEC);
	expect(ctl("protect %d %lx %lx r--", ours.pid, address(12), address(20)) == ENOMEM);
	expect(strstr(outcome, "nothing is mapped at"));
	expect_alike(&ours, &theirs, "a hole", 0);
	end_twins();
}

static void names(void)
{
	start_twins();
	both(DO_MAP, 0, 16, PROT_READ | PROT_WRITE);
	expect(same(DO_NAME, 4, 8, .name = "arena one") == 0);
	expect(strstr(outcome, "split at both ends"));
	expect(same(DO_NAME, 8, 12, .name = "arena one") == 0);
	expect(strstr(outcome, "merged below"));
	expect(same(DO_NAME, 0, 16, .name = "two") == 0);
	expect(same(DO_NAME, 0, 16, .name = "two") == 0);
	expect(strstr(outcome, "1 unchanged"));
	expect(same(DO_NAME, 0, 16, .name = "") == 0);
	both(DO_MAP_FD, 20, 24, PROT_READ | PROT_WRITE);
	both(DO_MAP_FILE, 30, 31, PROT_READ);
	refused(EBADF, "path", DO_NAME, 30, 31, .name = "file");
	end_twins();
}

static void policies(void)
{
	start_twins();
	both(DO_MAP, 0, 16, PROT_READ | PROT_WRITE);
	expect(same(DO_BIND, 0, 4, MPOL_BIND, 1) == 0);
	expect(same(DO_BIND, 4, 8, MPOL_BIND, 1) == 0);
	expect(strstr(outcome, "merged below"));
	expect(same(DO_BIND, 2, 6, MPOL_INTERLEAVE, 3) == 0);
	expect(same(DO_BIND, 2, 6, MPOL_PREFERRED, 2) == 0);
	both(DO_MAP_FD, 20, 24, PROT_READ | PROT_WRITE);
	expect(same(DO_BIND, 21, 23, MPOL_BIND, 2) == 0);
	both(DO_UNMAP, 8, 10);
	expect(same(DO_BIND, 0, 24, MPOL_DEFAULT) == 0);
	expect(same(DO_BIND, 40, 41, MPOL_DEFAULT) == EFAULT);
	refused(EINVAL, "nodes", DO_BIND, 0, 4, MPOL_BIND, 1 << 9);
	expect(ctl("policy %d %lx %lx bind:0", ours.pid, address(0), address(16)) == EFAULT);
	expect_alike(&ours, &theirs, "a hole", 0);
	end_twins();
}

static void userfaultfds(void)
{
	start_twins();
	both(DO_MAP, 0, 16, PROT_READ | PROT_WRITE);
	both(DO_TOUCH, 0, 8, .more = 5);
	expect(same(DO_REGISTER, 4, 12, UFFDIO_REGISTER_MODE_WP) == 0);
	expect(same(DO_REGISTER, 0, 16, UFFDIO_REGISTER_MODE_WP) == 0);
	expect(same(DO_UNREGISTER, 4, 8) == 0);
	expect(same(DO_UNREGISTER, 0, 16) == 0);
	expect(same(DO_REGISTER, 0, 16, UFFDIO_REGISTER_MODE_MISSING) == 0);
	expect(same(DO_UNREGISTER, 2, 20) == 0);
	expect(same(DO_UNREGISTER, 0, 2) == 0);
	both(DO_MAP_DROPPABLE, 20, 21, PROT_READ);
	refused(EINVAL, "cannot be registered for these events", DO_REGISTER, 20, 21,
		UFFDIO_REGISTER_MODE_MISSING);
	refused(EINVAL, "nothing is mapped in", DO_REGISTER, 30, 31, UFFDIO_REGISTER_MODE_MISSING);
	expect(same(DO_REGISTER, 0, 4, UFFDIO_REGISTER_MODE_WP) == 0);
	refused(EBUSY, "write-protects", DO_REGISTER, 0, 4, UFFDIO_REGISTER_MODE_MISSING);

	expect(ctl("uffd %d %lx %lx 99 wp", ours.pid, address(0), address(4)) == EBADF);
	expect(strstr(outcome, "has no descriptor 99"));
	expect(ctl("uffd %d %lx %lx 0 wp", ours.pid, address(0), address(4)) == EINVAL);
	expect(strstr(outcome, "userfaultfd"));
	expect_alike(&ours, &theirs, "bad descriptors", 0);
	end_twins();
}

/* A fault in memory that ctl has registered is reported to the twin's own descriptor. */
static void userfaultfd_is_told(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffd_msg message;
	struct pollfd poll_for;
	int fd, ends[2], status;
	pid_t child;
	char byte;

	start_twins();
	expect(pipe(ends) == 0);
	fflush(stdout);
	child = fork();
	if (!child) {
		char *memory = mmap(PLACE, 4 * page, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		fd = syscall(SYS_userfaultfd, O_NONBLOCK | UFFD_USER_MODE_ONLY);
		if (dup2(fd, UFFD) != UFFD || ioctl(UFFD, UFFDIO_API, &api) ||
		    ctl("uffd %d %lx %lx %d missing", getpid(), address(0), address(4), UFFD))
			_exit(4);
		if (!fork()) {
			/* The userfaultfd belongs to another address space, that of the child. */
			int error = ctl("uffd %d %lx %lx %d missing", getpid(), address(0),
					address(4), UFFD);

			_exit(error == EINVAL && strstr(outcome, "another address space") ? 0 : 1);
		}
		wait(&status);
		if (status)
			_exit(5);
		if (write(ends[1], "", 1) != 1)
			_exit(6);
		/* This access sleeps until the range is unregistered. */
		byte = __atomic_load_n(memory + page, __ATOMIC_RELAXED);
		_exit(byte);
	}
	close(ends[1]);
	expect(read(ends[0], &byte, 1) == 1);
	fd = syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, child, 0), UFFD, 0);
	poll_for = (struct pollfd){ .fd = fd, .events = POLLIN };
	expect(poll(&poll_for, 1, 20000) == 1);
	expect(read(fd, &message, sizeof(message)) == sizeof(message));
	expect(message.event == UFFD_EVENT_PAGEFAULT);
	expect(message.arg.pagefault.address == address(1));
	expect(ctl("uffd %d %lx %lx %d none", child, address(0), address(4), UFFD) == 0);
	expect(waitpid(child, &status, 0) == child && WIFEXITED(status) && !WEXITSTATUS(status));
	close(fd);
	close(ends[0]);
	end_twins();
}

static void new_ranges(void)
{
	start_twins();
	expect(same(DO_MAP, 4, 8, PROT_READ | PROT_WRITE) == 0);
	expect(strstr(outcome, "is a separate VMA"));
	expect(same(DO_MAP, 8, 12, PROT_READ | PROT_WRITE) == 0);
	expect(strstr(outcome, "merged below"));
	expect(same(DO_MAP, 14, 16, PROT_READ | PROT_WRITE) == 0);
	expect(same(DO_MAP, 12, 14, PROT_READ | PROT_WRITE) == 0);
	expect(strstr(outcome, "merged both"));
	expect(same(DO_MAP, 16, 18, PROT_READ) == 0);
	expect(strstr(outcome, "flags differ"));
	both(DO_TOUCH, 4, 16, .more = 2);
	refused(EEXIST, "something is mapped", DO_MAP, 3, 5, PROT_READ);
	refused(EEXIST, "something is mapped", DO_MAP, 10, 20, PROT_READ);
	both(DO_LOCK_ALL, 0, 0, MCL_FUTURE);
	expect(same(DO_MAP, 20, 24, PROT_READ | PROT_WRITE) == 0);
	expect(same(DO_REMAP, 24, 28) == 0);
	both(DO_LIMIT, 0, 0, RLIMIT_DATA, 1);
	refused(ENOMEM, "RLIMIT", DO_MAP, 30, 31, PROT_READ | PROT_WRITE);
	expect(same(DO_MAP, 30, 31, PROT_READ) == 0);
	both(DO_LIMIT, 0, 0, RLIMIT_AS, 1);
	refused(ENOMEM, "RLIMIT", DO_MAP, 33, 34, PROT_READ);
	expect(ctl("new %d fffffffffffe0000 ffffffffffff0000", ours.pid) == ENOMEM);
	expect(strstr(outcome, "address space"));
	end_twins();
}

static void extended(void)
{
	start_twins();
	both(DO_MAP, 0, 4, PROT_READ | PROT_WRITE);
	both(DO_TOUCH, 0, 4, .more = 2);
	expect(same(DO_REMAP, 4, 8) == 0);
	both(DO_MAP, 12, 16, PROT_READ | PROT_WRITE);
	expect(same(DO_REMAP, 8, 12) == 0);
	expect(strstr(outcome, "merged both"));
	both(DO_MAP_FD, 20, 22, PROT_READ | PROT_WRITE);
	expect(same(DO_REMAP, 22, 24) == 0);
	refused(ENOMEM, "something is mapped", DO_REMAP, 16, 21);
	refused(EFAULT, "nothing to extend", DO_REMAP, 40, 41);
	refused(ENOMEM, "something is mapped", DO_REMAP, 8, 12);
	both(DO_SEAL, 20, 24);
	refused(EPERM, "sealed", DO_REMAP, 24, 25);
	both(DO_LOCK, 0, 16, 1);
	expect(same(DO_REMAP, 16, 18) == 0);
	end_twins();
}

/* A split by ctl is visible in /proc, and one merge undoes it. */
static void split_in_two(void)
{
	start_twins();
	both(DO_MAP, 0, 16, PROT_READ | PROT_WRITE);
	both(DO_TOUCH, 0, 16, .more = 6);
	expect(ctl("split %d %lx", ours.pid, address(4)) == 0);
	expect(strstr(outcome, "split at"));
	expect(ctl("split %d %lx", ours.pid, address(4)) == EINVAL);
	expect(strstr(outcome, "none to split there"));
	expect(ctl("split %d %lx", ours.pid, address(0)) == EINVAL);
	expect(ctl("split %d %lx", ours.pid, address(30)) == EINVAL);
	/*
	 * The twin has the same two VMAs after the part above was named. They merge when
	 * the name is removed.
	 */
	expect(ctl("name %d %lx %lx x", ours.pid, address(4), address(16)) == 0);
	expect(strstr(outcome, "1 changed whole"));
	expect(ask_for(&theirs, DO_NAME, 4, 16, .name = "x") == 0);
	expect_alike(&ours, &theirs, "split", 0);
	expect(ctl("name %d %lx %lx", ours.pid, address(4), address(16)) == 0);
	expect(strstr(outcome, "merged below"));
	expect(ask_for(&theirs, DO_NAME, 4, 16) == 0);
	expect_alike(&ours, &theirs, "merged again", 0);
	end_twins();
}

/* 4,000 random steps, more than half of which ctl can carry out. */
static void random_steps(void)
{
	int by_verb = 0, done = 0;

	for (int round = 0; round < 10 && !failed; round++) {
		start_twins();
		seed = round + 1;
		for (int step = 0; step < 400 && !failed; step++) {
			struct request request;
			char what[32];

			snprintf(what, sizeof(what), "round %d", round);
			if (random_request(&request)) {
				by_verb++;
				done += compare(&request, what, step) == 0;
			} else if (ask(&ours, &request) != ask(&theirs, &request)) {
				complain("round %d, step %d: the twins differ by themselves", round,
					 step);
			}
		}
		end_twins();
	}
	printf("  %d commands, of which %d could be carried out\n", by_verb, done);
	expect(by_verb > 2000 && done > by_verb / 4);
}

/* A user that may not debug a process may not change it either. */
static void permissions(void)
{
	int status;
	pid_t child;

	start_twins();
	both(DO_MAP, 0, 4, PROT_READ | PROT_WRITE);
	both(DO_BECOME, 0, 0, 1000);
	fflush(stdout);
	child = fork();
	if (!child) {
		struct {
			unsigned int version;
			int pid;
		} header = { 0x20080522, 0 };
		struct {
			unsigned int effective, permitted, inheritable;
		} data[2];
		int fd = open(CTL, O_RDWR);

		syscall(SYS_capget, &header, data);
		/* Without CAP_SYS_PTRACE. */
		data[0].effective &= ~(1U << 19);
		expect(syscall(SYS_capset, &header, data) == 0);
		expect(ctl("split %d %lx", ours.pid, address(2)) == EACCES);
		expect(strstr(outcome, "ptrace"));
		/* Without CAP_SYS_ADMIN; the file is already open. */
		data[0].effective &= ~(1U << 21);
		expect(syscall(SYS_capset, &header, data) == 0);
		expect(write(fd, "split 1 1000", 12) == -1 && errno == EPERM);
		read_all(fd, outcome, sizeof(outcome));
		expect(strstr(outcome, "CAP_SYS_ADMIN"));
		fflush(stdout);
		_exit(failed);
	}
	waitpid(child, &status, 0);
	expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	expect_alike(&ours, &theirs, "not permitted", 0);
	expect(ctl("split %d %lx", ours.pid, address(2)) == 0);
	end_twins();
}

/* Special mappings, tried on the twin's own [vdso]. */
static void special_mappings(void)
{
	unsigned long start = 0, end = 0;
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "r");

	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "[vdso]"))
			sscanf(line, "%lx-%lx", &start, &end);
	fclose(maps);
	expect(start);
	expect(ctl("extend %d %lx %lx", getpid(), end, end + page) != 0);
	expect(ctl("uffd %d %lx %lx 0 missing", getpid(), start, end) == EINVAL);
	expect(ctl("flags %d %lx %lx -dontfork", getpid(), start, end) == EINVAL);
	expect(strstr(outcome, "special mapping"));
	expect(ctl("protect %d %lx %lx rwx", getpid(), start, end) ==
	       result_of(mprotect((void *)start, end - start, PROT_READ | PROT_WRITE | PROT_EXEC)));
}

static const struct test tests[] = {
	test(protect),
	test(protect_accounts),
	test(promises),
	test(protect_refused),
	test(names),
	test(policies),
	test(userfaultfds),
	test(userfaultfd_is_told),
	test(new_ranges),
	test(extended),
	test(split_in_two),
	test(permissions),
	test(special_mappings),
	test(random_steps),
};

int main(void)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
