// SPDX-License-Identifier: GPL-2.0
/*
 * The table of Documentation/usage.rst ("Permissions"): each row is a user who tries
 * everything that the files offer, and is allowed to do it or not.
 */
#include "harness.h"
#include <grp.h>
#include <linux/capability.h>

#define FOLDER "/sys/kernel/debug/rust_vma"
#define USER_NAMESPACES "/proc/self/ns/user"

/* The actions, and their objects. */
enum deed {
	READ_HELP,
	EXPLAIN_ONESELF,
	EXPLAIN_EQUAL,
	EXPLAIN_STRONGER,
	CHANGE_ONESELF,
	CHANGE_STRONGER,
	PLAN_ONESELF,
	READ_ENGINE,
	CHOOSE_ENGINE,
	READ_STATS,
	RESET_STATS,
	DEEDS,
};

static const char *const deeds[] = {
	"reading help",
	"explaining oneself",
	"explaining a process with the same rights",
	"explaining a process with all rights",
	"changing oneself",
	"changing a process with all rights",
	"planning a change of oneself",
	"reading engine",
	"choosing an engine",
	"reading stats",
	"resetting stats",
};

/* Reads a file from its beginning. Returns 0 or an errno. */
static int read_from(const char *file)
{
	int fd = open(file, O_RDONLY), error = 0;

	if (fd < 0)
		return errno;
	if (read(fd, outcome, 1) != 1)
		error = errno;
	close(fd);
	return error;
}

static int write_text(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY), error = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		error = errno;
	close(fd);
	return error;
}

static int about(const char *file, const char *verb, pid_t pid)
{
	char text[128];

	if (*verb)
		snprintf(text, sizeof(text), "%s %d %lx %lx +dontfork", verb, pid,
			 (unsigned long)OURS, (unsigned long)OURS + 4 * page);
	else
		snprintf(text, sizeof(text), "%d", pid);
	return write_text(file, text);
}

/* A process with all rights, which all the others try to look at. */
static pid_t stronger;
static pid_t equal;

static int commit(enum deed deed)
{
	switch (deed) {
	case READ_HELP:
		return read_from(FOLDER "/help");
	case EXPLAIN_ONESELF:
		return about(FOLDER "/explain", "", getpid());
	case EXPLAIN_EQUAL:
		return about(FOLDER "/explain", "", equal);
	case EXPLAIN_STRONGER:
		return about(FOLDER "/maps", "", stronger);
	case CHANGE_ONESELF:
		return about(CTL, "flags", getpid());
	case CHANGE_STRONGER:
		return about(CTL, "flags", stronger);
	case PLAN_ONESELF:
		return about(PLAN, "flags", getpid());
	case READ_ENGINE:
		return read_from(FOLDER "/engine");
	case CHOOSE_ENGINE:
		return write_text(FOLDER "/engine", "c");
	case READ_STATS:
		return read_from(FOLDER "/stats");
	case RESET_STATS:
		return write_text(FOLDER "/stats", "reset");
	case DEEDS:
		break;
	}
	return -1;
}

/* The ways in which a process becomes each of these users. */

static void stay_root(void)
{
}

static void lose_capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = {};

	if (syscall(SYS_capset, &header, none))
		complain("capset: %s", strerror(errno));
}

static void become_user(void)
{
	if (setgroups(0, NULL) || setgid(1000) || setuid(1000))
		complain("setuid: %s", strerror(errno));
	/* A process that has changed its user may not be inspected, not even by itself. */
	prctl(PR_SET_DUMPABLE, 1);
}

static void rule_namespace(void)
{
	char map[32];
	int uid = getuid(), gid = getgid();

	if (unshare(CLONE_NEWUSER))
		complain("unshare: %s", strerror(errno));
	expect(!write_text("/proc/self/setgroups", "deny"));
	snprintf(map, sizeof(map), "0 %d 1", uid);
	expect(!write_text("/proc/self/uid_map", map));
	snprintf(map, sizeof(map), "0 %d 1", gid);
	expect(!write_text("/proc/self/gid_map", map));
	expect(!getuid());
}

static void rule_namespace_of_user(void)
{
	become_user();
	rule_namespace();
}

/* A user, and the errno of each action. */
struct row {
	const char *who;
	void (*become)(void);
	int errors[DEEDS];
};

#define NOBODY { [0 ... DEEDS - 1] = EACCES }

/* The errnos for the owner of the files, uid 0: writes that require a capability are refused. */
#define OWNER                                                                                      \
	{                                                                                          \
		[EXPLAIN_STRONGER] = EACCES, [CHANGE_ONESELF] = EPERM,                             \
		[CHANGE_STRONGER] = EPERM, [PLAN_ONESELF] = EPERM, [CHOOSE_ENGINE] = EPERM,        \
		[RESET_STATS] = EPERM,                                                             \
	}

static const struct row rows[] = {
	{ "root", stay_root, {} },
	{ "uid 0 without capabilities", lose_capabilities, OWNER },
	{ "another user", become_user, NOBODY },
	{ "root of a user namespace of uid 0", rule_namespace, OWNER },
	{ "root of a user namespace of another user", rule_namespace_of_user, NOBODY },
};

static void wait_for_the_end(const void *unused)
{
	(void)unused;
	must_map(OURS, 4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void do_all(const struct row *row)
{
	row->become();
	must_map(OURS, 4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	/* This process is in the same namespace, and has the same rights. */
	equal = start_child(wait_for_the_end, NULL);
	for (enum deed deed = 0; deed < DEEDS; deed++) {
		int error = commit(deed);

		if (error != row->errors[deed])
			complain("%s, %s: %s, not %s", row->who, deeds[deed],
				 strerrorname_np(error), strerrorname_np(row->errors[deed]));
	}
	end_child(equal);
}

static void play(size_t number)
{
	int status = -1;
	pid_t child;

	stronger = start_child(wait_for_the_end, NULL);
	fflush(stdout);
	child = fork();
	if (!child) {
		do_all(&rows[number]);
		fflush(stdout);
		_exit(failed);
	}
	expect(waitpid(child, &status, 0) == child && !status);
	end_child(stronger);
}

static void root(void)
{
	play(0);
}

static void uid_0_without_capabilities(void)
{
	play(1);
}

static void another_user(void)
{
	play(2);
}

static void root_of_a_namespace(void)
{
	play(3);
}

static void root_of_a_namespace_of_another_user(void)
{
	play(4);
}

static const struct test tests[] = {
	test(root),
	test(uid_0_without_capabilities),
	test(another_user),
	/* These tests need a kernel with CONFIG_USER_NS. */
	test(root_of_a_namespace),
	test(root_of_a_namespace_of_another_user),
};

int main(void)
{
	size_t count = sizeof(tests) / sizeof(*tests);

	return run_tests(tests, access(USER_NAMESPACES, F_OK) ? count - 2 : count);
}
