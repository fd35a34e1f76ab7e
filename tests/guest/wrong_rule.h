/* SPDX-License-Identifier: GPL-2.0 */
/* Lets the shadow of the test module serve, whose rules are wrong. */

/* The wrong rules, by their numbers in kunit/wrong_rule.rs. */
enum wrong {
	DECISIONS, ANSWERS, OFFSETS, ANON_OFFSETS, RANGES, NO_LIMIT, NO_DRIVER, STUBBORN_DRIVER,
	NO_STAGE, NARROW, BY_LENGTH,
};

/* C serves, until the shadow is chosen. Nothing was told yet. */
static inline void begin_wrong(enum wrong wrong)
{
	char parameters[32];

	sprintf(parameters, "engine=0 wrong=%d", wrong);
	serve_by_test_module(parameters, "none");
	make_failures_possible();
	begin_log();
}

static inline void end_wrong(void)
{
	unmap_twins();
	serve_by_own_module();
}
