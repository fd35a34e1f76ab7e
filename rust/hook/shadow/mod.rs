// SPDX-License-Identifier: GPL-2.0

//! The shadow: Rust says what C will do, and what C has done is compared with that.
//!
//! ```text
//!   ../sys/shadow/     reads the VMAs before and after a call
//!   asked.rs           the call, and the VMAs before
//!   rules.rs           from a decision to a forecast
//!   judge.rs           are the forecast and the state that C left the same?
//!   comparison.rs      what follows: counted, logged, fallback to C
//!   telling.rs         the report in the log
//!   tally.rs           the counters
//! ```

pub(crate) mod asked;
pub(crate) mod comparison;
pub(crate) mod judge;
pub(crate) mod rules;
pub(crate) mod tally;
mod telling;
