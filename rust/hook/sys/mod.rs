// SPDX-License-Identifier: GPL-2.0

//! The interface between the kernel's hook and the engines.

#[macro_use]
pub(crate) mod entry;
pub(crate) mod kernel;
pub(crate) mod request;
pub(crate) mod shadow;
