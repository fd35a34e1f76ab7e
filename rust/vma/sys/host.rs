// SPDX-License-Identifier: GPL-2.0

//! Items that the wrapper layer takes from its host. In the kernel, the host is the kernel crate.

pub(crate) use kernel::{
    error::{
        code::{
            EINVAL,
            ENOMEM, //
        },
        Error,
        Result, //
    },
    mm::{
        virt::VmaRef,
        MmWithUser, //
    },
    types::NotThreadSafe,
};

/// Converts a value that C returned: zero, or a negative errno.
///
/// Calls the kernel crate's `to_result()` for nonzero values only, because every engine call takes this path.
#[inline(always)]
pub(super) fn to_result(returned: core::ffi::c_int) -> Result {
    if returned == 0 {
        Ok(())
    } else {
        kernel::error::to_result(returned)
    }
}
