// SPDX-License-Identifier: GPL-2.0

//! The shadow's door to C: C serves the hooked helpers, after Rust has said what C will do.
//!
//! ```text
//!   entries.rs   the table: which entry watches which helper, and which body in C serves it
//!   watch.rs     before the call: reads its VMAs, and decides as the engine would
//!   known.rs     after the call: reads the answer and the VMAs that C has left
//! ```

mod entries;
mod known;
mod watch;

pub(crate) use entries::{
    calls,
    Shadow, //
};
