// SPDX-License-Identifier: GPL-2.0

//! The module's door to C: what only the module around the engine needs, and all the unsafe code
//! that it has.

pub(crate) mod debugfs;
