/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The subject: a process with memory of several kinds; commands of every kind about it;
 * and a check that its memory is freed.
 */
#include <sys/mount.h>

#define FOLDER "/sys/kernel/debug/rust_vma/"

/* A file system that can be unmounted as soon as none of its files is mapped. */
#define MOUNTED "/tmp/references"
#define MAPPED MOUNTED "/mapped"

/* A descriptor of the subject that is not a userfaultfd; the one below it is not open. */
#define PIPE 200

/* Opens that descriptor, which all children inherit. */
static inline void open_pipe(void)
{
	int ends[2];

	if (pipe(ends) || dup2(ends[0], PIPE) != PIPE)
		exit(2);
}

/* The process id of the subject. */
static pid_t subject;

/* Whether the subject has so many VMAs that no file describes them in one piece. */
static bool is_large;

static inline void open_userfaultfd(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (fd < 0 || dup2(fd, UFFD) != UFFD || close(fd) || ioctl(UFFD, UFFDIO_API, &api))
		_exit(3);
}

/* Maps 16 private pages and one page of a file, and opens a userfaultfd. */
static inline void live_as_subject(const void *large)
{
	int file = open(MAPPED, O_RDWR);

	open_userfaultfd();
	must_map(PLACE, 16, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	if (file >= 0) {
		must_map(PLACE + 40 * page, 1, MAP_SHARED, file);
		close(file);
	}
	for (size_t i = 0; *(const bool *)large && i < 400; i++)
		must_map(PLACE + (100 + 2 * i) * page, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static inline void start_subject(void)
{
	subject = start_child(live_as_subject, &is_large);
}

static inline void end_subject(void)
{
	end_child(subject);
}

/*
 * Commands of every kind, with the errno of each in this order. ctl has another errno if
 * error_of_ctl is not 0.
 */
static const struct {
	const char *line;
	int error, error_of_ctl;
} kinds[] = {
	{ "flags %d 600000004000 600000008000 +dontfork", 0 },
	{ "flags %d 600000004000 600000008000 +dontfork", 0 },
	{ "flags %d 600000000000 600000030000 +dontfork", ENOMEM },
	{ "protect %d 600000004000 600000008000 r--", 0 },
	{ "protect %d 60000000c000 600000014000 r--", ENOMEM },
	{ "name %d 600000004000 600000006000 a name that is quite long, and not shared", 0 },
	{ "name %d 600000006000 600000008000 another one, of which the same can be said", 0 },
	{ "name %d 600000004000 600000006000 it is replaced by one that is not shorter", 0 },
	{ "name %d 600000006000 600000008000", 0 },
	{ "name %d 600000004000 600000006000 it is replaced by one that is not shorter", 0 },
	{ "name %d 600000028000 600000029000 what maps a file has its name, a path", EBADF },
	{ "policy %d 600000004000 600000008000 bind:0", 0 },
	{ "policy %d 600000006000 600000008000 interleave:0-1", 0 },
	{ "policy %d 600000006000 600000008000 interleave:0-1", 0 },
	{ "policy %d 600000004000 600000008000 default", 0 },
	{ "policy %d 600000020000 600000021000 bind:1", EFAULT },
	{ "policy %d 600000004000 600000008000 bind:63", EINVAL },
	{ "uffd %d 60000000c000 600000010000 100 missing wp", 0 },
	{ "uffd %d 60000000c000 600000010000 100 missing wp", 0 },
	{ "uffd %d 60000000c000 60000000e000 100 none", 0 },
	{ "uffd %d 60000000c000 60000000e000 200 missing", EINVAL },
	{ "uffd %d 60000000c000 60000000e000 199 missing", EBADF },
	{ "uffd %d 60000000c000 60000000e000 1000 missing", EBADF },
	{ "uffd %d 600000028000 600000029000 100 missing minor wp", 0 },
	{ "uffd %d 60000000c000 60000000e000 100 minor", EINVAL },
	{ "uffd %d 600000020000 600000021000 100 missing", EINVAL },
	{ "uffd %d ffffffffffff0000 fffffffffffff000 100 missing", EINVAL },
	{ "new %d 600000010000 600000012000", 0 },
	{ "new %d 600000011000 600000014000", EEXIST },
	{ "extend %d 600000012000 600000014000", 0 },
	{ "extend %d 600000020000 600000021000", EFAULT },
	{ "split %d 600000002000", 0 },
	{ "split %d 600000002000", EINVAL },
	{ "merge %d 600000000000 600000030000", 0 },
	{ "merge %d 600000020000 600000021000", ENOMEM },
	{ "unmap %d 600000002000 600000006000", 0, EOPNOTSUPP },
	{ "move %d 600000002000 600000006000 600000020000", 0, EOPNOTSUPP },
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* Gives one of these commands to plan, then to ctl. */
static inline void command_of_kind(size_t which)
{
	int error;

	snprintf(command, sizeof(command), kinds[which].line, subject);
	error = write_and_read(PLAN, command, strlen(command), PLAN);
	if (error != kinds[which].error)
		complain("plan of %s: errno %d, not %d: %s", command, error, kinds[which].error,
			 outcome);
	error = write_to(CTL, command, strlen(command));
	if (error != (kinds[which].error_of_ctl ?: kinds[which].error))
		complain("%s: errno %d, not %d: %s", command, error, kinds[which].error, outcome);
}

/* Opens a file, and writes the subject's id to it. */
static inline int choose_subject(const char *file)
{
	char path[128], pid[16];
	int fd;

	snprintf(path, sizeof(path), FOLDER "%s", file);
	snprintf(pid, sizeof(pid), "%d", subject);
	fd = open(path, O_RDWR);
	if (write(fd, pid, strlen(pid)) != (ssize_t)strlen(pid))
		complain("cannot choose %s in %s: %s", pid, file, strerror(errno));
	return fd;
}

static const char *const readable[] = { "maps", "explain", "explain.jsonl" };

#define READABLE (sizeof(readable) / sizeof(*readable))

static inline void look_at_subject(size_t which)
{
	int fd = choose_subject(readable[which]);

	read_all(fd, outcome, sizeof(outcome));
	expect(strlen(outcome) > 100);
	close(fd);
}

static inline void mount_ours(void)
{
	int fd;

	mkdir(MOUNTED, 0700);
	if (mount("none", MOUNTED, "tmpfs", 0, NULL))
		complain("cannot mount: %s", strerror(errno));
	fd = open(MAPPED, O_RDWR | O_CREAT, 0600);
	expect(ftruncate(fd, page) == 0);
	close(fd);
}

/* Expects that the memory of the subject, which has ended, is freed within two seconds. */
static inline void expect_gone(const char *what, int line)
{
	for (int i = 0; umount(MOUNTED); i++) {
		if (errno != EBUSY || i == 100) {
			complain("line %d: the memory of the process is still there: %s", line,
				 what);
			umount2(MOUNTED, MNT_DETACH);
			break;
		}
		usleep(20000);
	}
}
