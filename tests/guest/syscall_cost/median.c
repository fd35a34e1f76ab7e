// SPDX-License-Identifier: GPL-2.0
/* The value in the middle, which is not affected by values that an interrupt has disturbed. */
#include "syscall_cost.h"

static int compare(const void *left, const void *right)
{
	unsigned long a = *(const unsigned long *)left, b = *(const unsigned long *)right;

	return (a > b) - (a < b);
}

unsigned long median(unsigned long *values, unsigned int count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}
