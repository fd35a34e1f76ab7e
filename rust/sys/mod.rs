// SPDX-License-Identifier: GPL-2.0

//! The module's interface to C for code that only the module around the engine needs. All of that code's `unsafe` is
//! here.

pub(crate) mod debugfs;
