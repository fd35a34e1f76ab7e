// SPDX-License-Identifier: GPL-2.0
/* The steps that use userfaultfds. */
#include "replay.h"

static int uffds[2] = { -1, -1 };

bool has_uffd(void)
{
	return uffds[0] >= 0 || uffds[1] >= 0;
}

/*
 * Opens a userfaultfd. No thread answers faults: with one, a fault is a SIGBUS; with the
 * other, it resolves itself.
 */
static int uffd(int which)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = which ? UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_HUGETLBFS_SHMEM :
				    UFFD_FEATURE_SIGBUS,
	};

	if (uffds[which] < 0) {
		uffds[which] = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
		if (ioctl(uffds[which], UFFDIO_API, &api))
			die("userfaultfd");
	}
	return uffds[which];
}

long do_uffd_register(void)
{
	static const int modes[] = {
		UFFDIO_REGISTER_MODE_MISSING, UFFDIO_REGISTER_MODE_MISSING,
		UFFDIO_REGISTER_MODE_WP, UFFDIO_REGISTER_MODE_MINOR,
		UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP,
	};
	struct uffdio_register request = { 0 };
	int which = below(2);

	choose();
	request.range.start = (unsigned long)start;
	request.range.len = pages * page;
	request.mode = UFFDIO_REGISTER_MODE_WP;
	if (!which)
		request.mode = modes[below(count_of(modes))];
	say_range("uffd register");
	say(" with %d mode %llx", which, request.mode);
	return outcome(ioctl(uffd(which), UFFDIO_REGISTER, &request));
}

long do_uffd_unregister(void)
{
	struct uffdio_range request;
	int which = below(2);

	choose();
	request.start = (unsigned long)start;
	request.len = pages * page;
	say_range("uffd unregister");
	say(" from %d", which);
	return outcome(ioctl(uffd(which), UFFDIO_UNREGISTER, &request));
}

long do_uffd_fill(void)
{
	struct uffdio_writeprotect protect = { 0 };
	struct uffdio_zeropage zero = { 0 };
	struct uffdio_copy copy = { 0 };

	choose();
	switch (below(3)) {
	case 0:
		protect.range.start = (unsigned long)start;
		protect.range.len = pages * page;
		protect.mode = one_in(2) ? UFFDIO_WRITEPROTECT_MODE_WP : 0;
		say_range("uffd write-protect");
		say(" %llx", protect.mode);
		return outcome(ioctl(uffd(below(2)), UFFDIO_WRITEPROTECT, &protect));
	case 1:
		zero.range.start = (unsigned long)start;
		zero.range.len = page;
		say_range("uffd zeropage");
		return outcome(ioctl(uffd(0), UFFDIO_ZEROPAGE, &zero));
	}
	copy.dst = (unsigned long)start;
	copy.src = (unsigned long)shared->scratch;
	copy.len = page;
	say_range("uffd copy");
	return outcome(ioctl(uffd(0), UFFDIO_COPY, &copy));
}

void close_uffd(int which)
{
	if (uffds[which] >= 0)
		close(uffds[which]);
	uffds[which] = -1;
}

long do_uffd_close(void)
{
	int which = below(2);

	say("uffd close %d", which);
	close_uffd(which);
	return 0;
}
