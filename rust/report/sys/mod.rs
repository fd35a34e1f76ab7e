// SPDX-License-Identifier: GPL-2.0

//! The interface to the counters and the trace events, which are in C.

pub(crate) mod counters;
pub(crate) mod events;
