// SPDX-License-Identifier: GPL-2.0

//! The shadow's interface to C: C executes the calls to the hooked helpers, after Rust has forecast their
//! results.
//!
//! ```text
//!   watched.rs   the call, and the VMAs that it operates on
//!   entries.rs   the table: which entry watches which helper, and which body in C implements it
//!   watch.rs     before the call: reads its VMAs, and decides as the engine would
//!   found.rs     after the call: reads the answer and the VMAs that C has left
//!   reported.rs  the report of the call to the counters and the trace events
//! ```

mod entries;
mod found;
mod reported;
mod watch;
mod watched;

pub(crate) use entries::Shadow;
