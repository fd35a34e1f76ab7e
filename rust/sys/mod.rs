// SPDX-License-Identifier: GPL-2.0

//! The interface to C for the module's files in debugfs, and all of their unsafe code.

pub(crate) mod debugfs;
