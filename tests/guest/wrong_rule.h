/* SPDX-License-Identifier: GPL-2.0 */
/* Makes the shadow of the test module, whose rules are wrong, the engine. */

/* The wrong rules, in the order of their numbers in kunit/wrong_rule.rs. */
enum wrong {
	DECISIONS, ANSWERS, OFFSETS, ANON_OFFSETS, RANGES, NO_LIMIT, NO_DRIVER, STUBBORN_DRIVER,
	NO_STAGE, NARROW, BY_LENGTH,
};

/* Starts with engine c, until the shadow is chosen, and with no report in the log. */
static inline void begin_wrong(enum wrong wrong)
{
	char parameters[32];

	sprintf(parameters, "engine=0 wrong=%d", wrong);
	use_test_module(parameters, "none");
	make_failures_possible();
	begin_log();
}

static inline void end_wrong(void)
{
	unmap_twins();
	use_own_module();
}
