/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Declarations for the tests of the hook: the file engine, the two modules, the kernel
 * log, and the names of the functions that system calls lead to.
 */

/* The rows of the file in which these calls are counted. */
#define BY_MPROTECT "vma_modify_flags"
#define BY_UFFD "vma_modify_flags_uffd"
#define BY_MMAP "vma_merge_new_range"
#define BY_MUNMAP "__split_vma"
/* Calls of execve(), which moves the stack. */
#define BY_STACK_UP "vma_expand"
#define BY_STACK_DOWN "vma_shrink"

#define KUNIT_FILTER "/sys/module/kunit/parameters/filter_glob"

enum engine { C, RUST, SHADOW, ENGINES };

static const char *const engines[] = { "c", "rust", "shadow" };

#define MOST_ROWS 16

/* The content of the file engine. */
struct said {
	char engine[32];
	int rows;
	char names[MOST_ROWS][32];
	unsigned long calls[MOST_ROWS][ENGINES];
	unsigned long compared, differences, without_memory, refused;
};

/*
 * The file of the module that is loaded. Each name is a constant, because one thread may
 * choose an engine while another one reads the file.
 */
static const char *const engine_files[] = {
	"/sys/kernel/debug/rust_vma/engine", "/sys/kernel/debug/rust_vma_kunit/engine",
};

static const char *engine_file = "/sys/kernel/debug/rust_vma/engine";

/* Reads the file without a call that goes through the hook. */
static inline struct said ask(void)
{
	static char text[4096];
	struct said said = { 0 };
	int fd = open(engine_file, O_RDONLY);
	char *line = text, *rest;

	if (fd < 0) {
		complain("cannot open %s: %s", engine_file, strerror(errno));
		return said;
	}
	read_all(fd, text, sizeof(text));
	close(fd);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		unsigned long *calls = said.calls[said.rows];

		if (sscanf(line, "engine %31[^\n]", said.engine) == 1)
			continue;
		if (sscanf(line, "shadow %lu compared, %lu differences, %lu without memory",
			   &said.compared, &said.differences, &said.without_memory) == 3)
			continue;
		if (sscanf(line, "refused %lu", &said.refused) == 1)
			continue;
		if (said.rows < MOST_ROWS &&
		    sscanf(line, "%31s %lu %lu %lu", said.names[said.rows], &calls[C],
			   &calls[RUST], &calls[SHADOW]) == 4)
			said.rows++;
	}
	return said;
}

/*
 * Returns how many calls the engine has executed of the functions whose names begin with
 * this prefix.
 */
static inline unsigned long executed(const struct said *said, int engine, const char *name)
{
	unsigned long sum = 0;

	for (int row = 0; row < said->rows; row++)
		if (!strncmp(said->names[row], name, strlen(name)))
			sum += said->calls[row][engine];
	return sum;
}

static inline int choose(const char *engine)
{
	return write_to(engine_file, engine, strlen(engine));
}

/* Makes the kernel call each of the hooked functions. */
static inline void enter_each(void)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		execl("/bin/enter_all", "enter_all", NULL);
		_exit(1);
	}
	expect(waitpid(pid, &status, 0) == pid && !status);
}

static inline int load(const char *name, const char *parameters)
{
	char path[64];
	int fd, error;

	snprintf(path, sizeof(path), "/lib/modules/%s.ko", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	error = syscall(SYS_finit_module, fd, parameters, 0) ? errno : 0;
	close(fd);
	return error;
}

static inline int unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? errno : 0;
}

/* Replaces the module by the test module, which runs these suites. */
static inline void use_test_module(const char *parameters, const char *suites)
{
	expect(!write_to(KUNIT_FILTER, suites, strlen(suites)));
	expect(!unload("rust_vma"));
	expect(!load("rust_vma_kunit", parameters));
	engine_file = engine_files[1];
}

static inline void use_own_module(void)
{
	expect(!write_to(KUNIT_FILTER, "none", 4));
	expect(!unload("rust_vma_kunit"));
	expect(!load("rust_vma", "engine=0"));
	engine_file = engine_files[0];
}

static int log_file = -1;
static char log_text[1 << 17];

/* Skips the messages that the kernel log has already. */
static inline void begin_log(void)
{
	if (log_file < 0)
		log_file = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	expect(log_file >= 0 && lseek(log_file, 0, SEEK_END) == 0);
	*log_text = 0;
}

/* Reads the messages of the modules since begin_log(). */
static inline char *read_log(void)
{
	char *at = log_text + strlen(log_text), *end = log_text + sizeof(log_text) - 1;

	for (;;) {
		ssize_t length = read(log_file, at, end - at);

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
	return log_text;
}

/* Returns how often the log contains these words. */
static inline int times_in_log(const char *words)
{
	const char *at = read_log();
	int times = 0;

	while ((at = strstr(at, words))) {
		at += strlen(words);
		times++;
	}
	return times;
}

/* Expects that the log contains these words one after the other. */
static inline void expect_in_log(const char *const *words, size_t count, int line)
{
	const char *log = read_log(), *at = log;

	for (size_t i = 0; i < count; i++) {
		const char *found = strstr(at, words[i]);

		if (!found) {
			complain("line %d: the log does not say '%s' there:\n%s", line, words[i],
				 log);
			return;
		}
		at = found + strlen(words[i]);
	}
}

#define log_says(...)                                                          \
	do {                                                                   \
		static const char *const words[] = { __VA_ARGS__ };            \
		expect_in_log(words, sizeof(words) / sizeof(*words), __LINE__); \
	} while (0)
