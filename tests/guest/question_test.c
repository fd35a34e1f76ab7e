// SPDX-License-Identifier: GPL-2.0
/*
 * question_test [ANSWERS]: answers of explain, explain.jsonl and maps belong to the right
 * question when several threads ask at once, and a refused question leaves the right
 * text. Threads ask for this many answers (2000 by default).
 */
#include "harness.h"
#include "fail_nth.h"
#include <pthread.h>

#define EXPLAIN "/sys/kernel/debug/rust_vma/explain"
#define JSON "/sys/kernel/debug/rust_vma/explain.jsonl"
#define FILES 3
#define THREADS 64

static const char *const files[FILES] = { EXPLAIN, JSON, MAPS };
static const char not_you[] = " asked this, not you: ";

static int wanted = 2000;
static pid_t subjects[THREADS];

/* Maps this many VMAs at OURS, none of which are adjacent. */
static void map_apart(const void *vmas)
{
	for (long i = 0; i < (long)vmas; i++)
		must_map(OURS + 2 * i * page, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static pid_t start_subject(long vmas)
{
	return start_child(map_apart, (void *)vmas);
}

/* Asks about the memory of a subject; maps is asked about all of it. */
static int ask_about(int fd, int file, pid_t pid)
{
	int length;
	char question[64];

	if (file == 2)
		length = sprintf(question, "%d", pid);
	else
		length = sprintf(question, "%d %lx %lx summary", pid, (unsigned long)OURS,
				 (unsigned long)(OURS + 1000 * page));
	return write(fd, question, length) == length ? 0 : errno;
}

/* Returns whether an answer is about this subject, with this number of VMAs. */
static bool is_about(const char *answer, int file, pid_t pid, int vmas)
{
	char words[64];
	int count = 0;

	switch (file) {
	case 0:
		snprintf(words, sizeof(words), "process %d (question_test), ", pid);
		if (!strstr(answer, words))
			return false;
		snprintf(words, sizeof(words), ": %d VMA%s in this range; ", vmas,
			 vmas == 1 ? "" : "s");
		return strstr(answer, words);
	case 1:
		snprintf(words, sizeof(words), "\n{\"pid\":%d,\"command\":\"question_test\",", pid);
		if (!strstr(answer, words))
			return false;
		snprintf(words, sizeof(words), "\"],\"vmas\":%d,", vmas);
		return strstr(answer, words);
	default:
		for (const char *at = answer; (at = strstr(at, "\n7000")); at++)
			count++;
		return count == vmas;
	}
}

/* Two open files of each kind each have their own question, and can be read in either order. */
static void each_open_file_has_its_own(void)
{
	pid_t pids[] = { start_subject(3), start_subject(5) };

	for (int file = 0; file < FILES; file++) {
		int fds[] = { open(files[file], O_RDWR), open(files[file], O_RDWR) };

		for (int turn = 0; turn < 4; turn++) {
			for (int i = 0; i < 2; i++)
				expect(!ask_about(fds[i], file, pids[i ^ turn >> 1]));
			for (int i = 0; i < 2; i++) {
				int which = i ^ (turn & 1), subject = which ^ turn >> 1;

				read_all(fds[which], outcome, sizeof(outcome));
				expect(is_about(outcome, file, pids[subject], 3 + 2 * subject));
				expect(!strstr(outcome, not_you));
			}
		}
		close(fds[0]);
		close(fds[1]);
	}
	end_child(pids[0]);
	end_child(pids[1]);
}

/* Expects a refusal, in the form of this file. */
static void expect_refusal(int file, const char *errno_name, const char *reason, int line)
{
	char words[256];

	if (file == 1)
		snprintf(words, sizeof(words),
			 "{\"refused\":\"%s\",\"reason\":\"%s\",\"asked_by\":null}\n", errno_name,
			 reason);
	else
		snprintf(words, sizeof(words), "refused (%s): %s\n", errno_name, reason);
	if (strcmp(outcome, words))
		complain("line %d: %s: not '%s': %s", line, files[file], words, outcome);
}

/* After a refused question, the file has neither the previous answer nor that of another. */
static void a_refusal_is_an_answer(void)
{
	static const struct {
		const char *question, *errno_name, *reason;
		int error;
	} wrong[] = {
		{ "1x", "EINVAL",
		  "'1x' is not a process; write an id, in decimal from 1 to 2147483647, a command, or self",
		  EINVAL },
		{ "nobody", "ESRCH", "no process has the command 'nobody'", ESRCH },
		{ "999999", "ESRCH", "there is no process 999999", ESRCH },
		{ "2", "EINVAL", "process 2 is a kernel thread, which has no address space",
		  EINVAL },
		{ "1\n2", "EINVAL", "there is a second line; write one line at a time", EINVAL },
		{ "\xff", "EILSEQ", "the byte at position 0 is not valid UTF-8",
		  EILSEQ },
	};
	static char overlong[300];

	memset(overlong, '1', sizeof(overlong) - 1);
	for (int file = 0; file < FILES; file++) {
		int fd = open(files[file], O_RDWR), error;

		for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
			expect(!ask_about(fd, file, getpid()));
			expect(write(fd, wrong[i].question, strlen(wrong[i].question)) == -1);
			expect(errno == wrong[i].error);
			read_all(fd, outcome, sizeof(outcome));
			expect_refusal(file, wrong[i].errno_name, wrong[i].reason, __LINE__);
			/* At the end, nothing is repeated. */
			expect(read(fd, outcome, 1) == 0);
			/* A newly opened file has no other answer either. */
			expect(!ask_file(files[file], "1", 1));
			error = ask_file(files[file], wrong[i].question, strlen(wrong[i].question));
			expect(error == wrong[i].error);
			expect_refusal(file, wrong[i].errno_name, wrong[i].reason, __LINE__);
		}
		expect(!ask_about(fd, file, getpid()));
		expect(write(fd, overlong, 299) == -1 && errno == E2BIG);
		read_all(fd, outcome, sizeof(outcome));
		expect_refusal(file, "E2BIG", "a line of 299 bytes is too long; write at most 255",
			       __LINE__);
		/* A question after a refusal is answered. */
		expect(!ask_about(fd, file, getpid()));
		read_all(fd, outcome, sizeof(outcome));
		expect(strncmp(outcome, "refused", 7) && strncmp(outcome, "{\"refused", 9));
		close(fd);
	}
}

static void *read_last(void *file)
{
	int fd = open(files[(long)file], O_RDONLY);

	read_all(fd, outcome, sizeof(outcome));
	close(fd);
	return NULL;
}

/* A question that could not be stored for lack of memory leaves no other answer either. */
static void a_question_without_memory(void)
{
	char ours[2][64];
	int failures = 0;

	snprintf(ours[0], sizeof(ours[0]), "process %d (", getpid());
	snprintf(ours[1], sizeof(ours[1]), "\n{\"pid\":%d,", getpid());
	make_failures_possible();
	for (int file = 0; file < FILES; file++) {
		for (int nth = 1; nth < MOST_FAILURES; nth++) {
			int fd = open(files[file], O_RDWR), error, has_failed;

			expect(!ask_about(fd, file, 1));
			has_failed = with_failure(nth, error = ask_about(fd, file, getpid()));
			read_all(fd, outcome, sizeof(outcome));
			close(fd);
			if (!has_failed)
				break;
			if (error) {
				failures++;
				expect(error == ENOMEM);
				expect(strstr(outcome, file == 1 ? "{\"refused\":\"ENOMEM\"," :
						       "refused (ENOMEM): ") == outcome);
				/* A reader who opens the file anew gets the same refusal. */
				read_last((void *)(long)file);
				expect(strstr(outcome, "ENOMEM"));
			}
			if (!error)
				expect(strstr(outcome, file == 2 ? "/question_test" : ours[file]));
		}
	}
	expect(failures >= 2 * FILES);
}

static void in_a_thread(void *(*run)(void *), int file)
{
	pthread_t thread;

	expect(!pthread_create(&thread, NULL, run, (void *)(long)file));
	expect(!pthread_join(thread, NULL));
}

static void ask_about_init(const void *file)
{
	expect(!ask_file(files[(long)file], "1", 1));
}

static void ask_about_init_in_another_session(const void *file)
{
	setsid();
	ask_about_init(file);
}

static void ask_about_nobody(const void *file)
{
	ask_file(files[(long)file], "0", 1);
}

static void expect_whose(int file, pid_t asker, int line)
{
	char words[64] = "process 1 (init)";
	bool told;

	if (asker)
		snprintf(words, sizeof(words), file == 1 ? ",\"asked_by\":%d" : "process %d%s",
			 asker, not_you);
	else if (file == 1)
		snprintf(words, sizeof(words), ",\"asked_by\":null");
	told = strstr(outcome, words);
	if (file == 2 && !asker)
		told = !strstr(outcome, not_you);
	if (!told)
		complain("line %d: %s does not say '%s': %s", line, files[file], words, outcome);
}

/*
 * A reader who opens the file gets the last question's answer, and is told if another
 * process asked it.
 */
static void the_last_question_of_all(void)
{
	for (long file = 0; file < FILES; file++) {
		pid_t asker;
		int status;

		/* Another program has asked a question that was refused. */
		asker = start_child(ask_about_nobody, (void *)file);
		read_last((void *)file);
		expect_whose(file, asker, __LINE__);
		expect(strstr(outcome, "EINVAL"));
		end_child(asker);

		/* A shell writes and reads in different processes. */
		expect(!ask_file(files[file], "1", 1));
		expect_whose(file, 0, __LINE__);
		fflush(stdout);
		asker = fork();
		if (!asker) {
			read_last((void *)file);
			expect_whose(file, 0, __LINE__);
			_exit(failed);
		}
		expect(waitpid(asker, &status, 0) == asker && !status);
		/*
		 * Another program asks. After it has exited, the question counts as the
		 * reader's own, as with tee in a shell.
		 */
		asker = start_child(ask_about_init, (void *)file);
		read_last((void *)file);
		expect_whose(file, asker, __LINE__);
		end_child(asker);
		read_last((void *)file);
		expect_whose(file, 0, __LINE__);
		/* If the program belongs to another session, its exit makes no difference. */
		asker = start_child(ask_about_init_in_another_session, (void *)file);
		end_child(asker);
		read_last((void *)file);
		expect_whose(file, asker, __LINE__);
		/* Another thread of the same process reads. */
		expect(!ask_file(files[file], "1", 1));
		in_a_thread(read_last, file);
		expect_whose(file, getpid(), __LINE__);
	}
}

static void *ask_again_and_again(void *number)
{
	static char answers[THREADS][1 << 15];
	long which = (long)number, wrong = 0;
	int fds[FILES];

	for (int file = 0; file < FILES; file++)
		fds[file] = open(files[file], O_RDWR);
	for (int turn = 0; turn < (wanted + THREADS - 1) / THREADS; turn++) {
		int file = (turn + which) % FILES, about = (which + turn) % THREADS;
		char *answer = answers[which];

		if (ask_about(fds[file], file, subjects[about])) {
			wrong++;
			complain("%s refuses process %d: %s", files[file], subjects[about],
				 strerror(errno));
			continue;
		}
		read_all(fds[file], answer, sizeof(*answers));
		if (is_about(answer, file, subjects[about], about + 1))
			continue;
		wrong++;
		complain("about process %d, with %d VMAs, %s says: %s", subjects[about], about + 1,
			 files[file], answer);
	}
	for (int file = 0; file < FILES; file++)
		close(fds[file]);
	return (void *)wrong;
}

static void many_who_ask_at_once(void)
{
	pthread_t threads[THREADS];
	long wrong = 0;
	void *result;

	for (int i = 0; i < THREADS; i++)
		subjects[i] = start_subject(i + 1);
	for (long i = 0; i < THREADS; i++)
		expect(!pthread_create(&threads[i], NULL, ask_again_and_again, (void *)i));
	for (int i = 0; i < THREADS; i++) {
		expect(!pthread_join(threads[i], &result));
		wrong += (long)result;
	}
	for (int i = 0; i < THREADS; i++)
		end_child(subjects[i]);
	if (wrong)
		complain("%ld answers of about %d are wrong", wrong, wanted);
}

static const struct test tests[] = {
	test(each_open_file_has_its_own),
	test(a_refusal_is_an_answer),
	test(a_question_without_memory),
	test(the_last_question_of_all),
	test(many_who_ask_at_once),
};

int main(int argc, char **argv)
{
	if (argc > 1)
		wanted = atoi(argv[1]);
	return run_tests(tests, sizeof(tests) / sizeof(*tests));
}
