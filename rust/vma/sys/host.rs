// SPDX-License-Identifier: GPL-2.0

//! What the wrapper layer takes from its host. In the kernel, that is the kernel crate.

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

/// Takes what C returned: zero, or a negative errno.
///
/// As the kernel crate's, which is called for what is not zero only: this is on the way of every call.
#[inline(always)]
pub(super) fn to_result(returned: core::ffi::c_int) -> Result {
    if returned == 0 {
        Ok(())
    } else {
        kernel::error::to_result(returned)
    }
}
