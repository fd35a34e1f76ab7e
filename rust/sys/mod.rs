// SPDX-License-Identifier: GPL-2.0

//! The module's door to C: what only the module around the engine needs, and all the unsafe code
//! that it has.

pub(crate) mod debugfs;
pub(crate) mod hook;
pub(crate) mod live;
pub(crate) mod request;
mod shadow;
pub(crate) mod stats;
pub(crate) mod tracepoints;
