// SPDX-License-Identifier: GPL-2.0

//! The door to the counters and the trace events, which are C's.

pub(crate) mod counters;
pub(crate) mod events;
