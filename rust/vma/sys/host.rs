// SPDX-License-Identifier: GPL-2.0

//! What the wrapper layer takes from its host. In the kernel, that is the kernel crate.

pub(crate) use kernel::{
    error::{
        code::{
            EINVAL,
            ENOMEM, //
        },
        to_result,
        Error,
        Result, //
    },
    mm::{
        virt::VmaRef,
        MmWithUser, //
    },
    types::NotThreadSafe,
};
