/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that is registered with a userfaultfd. */
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

/* Registers pages with a userfaultfd. Returns its descriptor. */
static inline int register_pages(size_t first, size_t last)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register arg = {
		.range = { (unsigned long)OURS + first * page, (last - first) * page },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	expect(fd >= 0 && !ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &arg));
	return fd;
}

static inline bool unregister_pages(int fd, size_t first, size_t last)
{
	struct uffdio_range arg = { (unsigned long)OURS + first * page, (last - first) * page };

	return !ioctl(fd, UFFDIO_UNREGISTER, &arg);
}
