// SPDX-License-Identifier: GPL-2.0
/*
 * Commands and readers drop all their references: the memory of a process, its
 * userfaultfd and its other descriptors are freed when the process ends or closes them.
 */
#include "harness.h"
#include "twin.h"
#include "subject.h"

#define LAST_PID "/proc/sys/kernel/ns_last_pid"

/* A descriptor that is open in the twin, while the one below it is not. */
#define OTHER 210

static void memory_goes(void)
{
	mount_ours();
	start_subject();
	expect(umount(MOUNTED) == -1 && errno == EBUSY);
	end_subject();
	expect_gone("nothing", __LINE__);

	/* A command is answered as expected only after those before it. */
	for (size_t last = 0; last < KINDS && !failed; last++) {
		mount_ours();
		start_subject();
		for (size_t i = 0; i <= last; i++)
			command_of_kind(i);
		end_subject();
		expect_gone(command, __LINE__);
	}
	for (size_t i = 0; i < 2 * READABLE; i++) {
		mount_ours();
		is_large = i >= READABLE;
		start_subject();
		is_large = false;
		look_at_subject(i % READABLE);
		end_subject();
		expect_gone(readable[i % READABLE], __LINE__);
	}
}

/* An open file does not keep the memory, and its text ends after the process has ended. */
static void reading_keeps_nothing(void)
{
	static char rest[1 << 16];

	for (size_t i = 0; i < READABLE; i++) {
		int fd, again;

		mount_ours();
		start_subject();
		fd = choose_subject(readable[i]);
		again = choose_subject(readable[i]);
		expect(read(fd, rest, 1) == 1);
		end_subject();
		expect_gone(readable[i], __LINE__);
		while (read(fd, rest, sizeof(rest)) > 0)
			;
		expect(read(fd, rest, sizeof(rest)) == 0);
		expect(read(again, rest, sizeof(rest)) == -1 && errno == ESRCH);
		close(fd);
		close(again);
	}
}

/* Makes the kernel give this pid to the next process. */
static void let_next_pid_be(pid_t pid)
{
	FILE *file = fopen(LAST_PID, "w");

	fprintf(file, "%d", pid - 1);
	fclose(file);
}

/*
 * The pid that was written to maps stands for one process, and not for a later process
 * with the same pid.
 */
static void number_comes_again(void)
{
	pid_t first = 0;

	mount_ours();
	for (int i = 0; i < 20; i++) {
		int fd;

		start_subject();
		first = subject;
		fd = choose_subject("maps");
		end_subject();
		let_next_pid_be(first);
		start_subject();
		if (subject == first) {
			expect(read(fd, outcome, sizeof(outcome)) == -1 && errno == ESRCH);
			close(fd);
			fd = choose_subject("maps");
			expect(read(fd, outcome, sizeof(outcome)) > 0);
		}
		close(fd);
		end_subject();
		if (subject == first)
			break;
	}
	expect(subject == first);
	expect_gone("maps", __LINE__);
}

/* Returns whether the twin has memory that is registered with a userfaultfd. */
static bool is_registered(const struct twin *twin)
{
	static char text[1 << 16];

	describe_twin(twin, text, sizeof(text));
	return strstr(text, " um ") || strstr(text, " uw ");
}

/*
 * Checks that closing the last descriptor of a userfaultfd unregisters its memory, after
 * this command.
 */
static void closed_userfaultfd(const char *line, int wanted, int at)
{
	struct twin twin = start_twin();
	const char *const files[] = { PLAN, CTL };

	expect(ask_for(&twin, DO_MAP, 0, 8, PROT_READ | PROT_WRITE) == 0);
	expect(ask_for(&twin, DO_REGISTER, 0, 4, UFFDIO_REGISTER_MODE_WP) == 0);
	for (size_t i = 0; i < 2; i++) {
		int error;

		snprintf(command, sizeof(command), line, twin.pid);
		error = write_and_read(files[i], command, strlen(command), files[i]);
		if (error != wanted)
			complain("line %d: %s: errno %d: %s", at, command, error, outcome);
		expect(is_registered(&twin));
	}
	expect(ask_for(&twin, DO_CLOSE, .how = UFFD) == 0);
	if (is_registered(&twin))
		complain("line %d: still registered after closing and %s: %s", at, command,
			 outcome);
	end_twin(&twin);
}

static void closed_userfaultfds(void)
{
	closed_userfaultfd("uffd %d 600000004000 600000008000 100 missing", 0, __LINE__);
	closed_userfaultfd("uffd %d 600000002000 600000003000 100 none", 0, __LINE__);
	closed_userfaultfd("uffd %d 600000000000 600000004000 100 missing", EBUSY, __LINE__);
	closed_userfaultfd("uffd %d 600000020000 600000021000 100 wp", EINVAL, __LINE__);
	closed_userfaultfd("uffd %d 600000000000 600000004000 99 wp", EBADF, __LINE__);
}

/*
 * Closing unregisters the memory even after a refusal because the userfaultfd is for
 * another address space.
 */
static void inherited_userfaultfd(void)
{
	struct twin twin;
	int status = -1, ends[2];
	pid_t child;
	char byte;

	if (pipe(ends))
		exit(2);
	fflush(stdout);
	child = fork();
	if (!child) {
		struct uffdio_register arg = {
			.range = { (unsigned long)PLACE, 4 * page },
			.mode = UFFDIO_REGISTER_MODE_WP,
		};
		pid_t grandchild;

		close(ends[0]);
		open_userfaultfd();
		must_map(PLACE, 4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		grandchild = fork();
		if (!grandchild) {
			expect(ctl("uffd %d 600000000000 600000004000 100 wp", getpid()) == EINVAL);
			expect(strstr(outcome, "another address space"));
			fflush(stdout);
			_exit(failed);
		}
		waitpid(grandchild, &status, 0);
		if (ioctl(UFFD, UFFDIO_REGISTER, &arg))
			_exit(4);
		close(UFFD);
		if (!status && write(ends[1], "", 1) == 1)
			pause();
		_exit(5);
	}
	close(ends[1]);
	expect(read(ends[0], &byte, 1) == 1);
	twin.pid = child;
	expect(!is_registered(&twin));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ends[0]);
}

/* Returns whether the pipe has no writer any more. */
static bool has_ended(int end)
{
	struct pollfd poll_for = { .fd = end, .events = POLLIN };

	return poll(&poll_for, 1, 2000) == 1 && poll_for.revents == POLLHUP;
}

/*
 * The reference to a file that is not a userfaultfd is dropped, even if its descriptor is
 * the higher one.
 */
static void other_descriptors(void)
{
	for (int number = OTHER - 1; number <= OTHER; number++) {
		struct twin twin;
		int ends[2];

		if (pipe(ends) || dup2(ends[1], OTHER) != OTHER)
			exit(2);
		close(ends[1]);
		twin = start_twin();
		close(OTHER);
		expect(ask_for(&twin, DO_MAP, 0, 8, PROT_READ | PROT_WRITE) == 0);
		for (int i = 0; i < 2; i++) {
			snprintf(command, sizeof(command), "uffd %d %lx %lx %d missing", twin.pid,
				 address(0), address(8), number);
			expect(write_and_read(i ? CTL : PLAN, command, strlen(command),
					      i ? CTL : PLAN) ==
			       (number == OTHER ? EINVAL : EBADF));
		}
		expect(ask_for(&twin, DO_CLOSE, .how = OTHER) == 0);
		expect(has_ended(ends[0]));
		end_twin(&twin);
		close(ends[0]);
	}
}

static void every_verb(void)
{
	expect_every_verb(kinds, sizeof(kinds) / sizeof(*kinds), sizeof(*kinds));
}

static const struct test tests[] = {
	test(every_verb),
	test(memory_goes),
	test(reading_keeps_nothing),
	test(number_comes_again),
	test(closed_userfaultfds),
	test(inherited_userfaultfd),
	test(other_descriptors),
};

int main(void)
{
	open_pipe();
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
