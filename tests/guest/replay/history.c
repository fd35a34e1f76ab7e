// SPDX-License-Identifier: GPL-2.0
/* The source of a history, which is random numbers, and its result, which is a hash and words. */
#include "replay.h"

char line_out[2048];

void put(int length)
{
	if (write(STDOUT_FILENO, line_out, length) != length)
		_exit(2);
}

char *end_of_words(void)
{
	return shared->words + strlen(shared->words);
}

/* Returns the next number of splitmix64. */
unsigned long draw(void)
{
	unsigned long z = shared->random += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

unsigned int below(unsigned int limit)
{
	return (draw() >> 32) % limit;
}

bool one_in(unsigned int times)
{
	return !below(times);
}

unsigned long mixed(unsigned long hash, unsigned long value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15;
	return hash ^ (hash >> 29);
}

void note(unsigned long value)
{
	shared->hash = mixed(shared->hash, value);
}

/* Returns the result of the call, or the negative errno. */
long outcome(long returned)
{
	return returned == -1 ? -errno : returned;
}

void die(const char *what)
{
	fprintf(stderr, "replay: %s: %s\n", what, strerror(errno));
	_exit(2);
}
