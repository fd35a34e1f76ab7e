// SPDX-License-Identifier: GPL-2.0

//! The shadow: Rust forecasts the result of each call, C executes the call, and the two results are compared.
//!
//! ```text
//!   ../sys/shadow/     reads the VMAs before and after a call
//!   asked.rs           the call, and the VMAs before it
//!   rules.rs           the step from a decision to a forecast
//!   judge.rs           the comparison of the forecast with the state that C left
//!   ended.rs           the end of the call, for the counters and the trace events
//!   comparison.rs      the actions that follow: a count, a report, fallback to C
//!   telling.rs         the report in the log
//!   tally.rs           the counters
//! ```

pub(crate) mod asked;
pub(crate) mod comparison;
mod ended;
pub(crate) mod judge;
pub(crate) mod rules;
pub(crate) mod tally;
mod telling;
