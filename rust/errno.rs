// SPDX-License-Identifier: GPL-2.0

//! The names of errnos.

use kernel::{
    fmt,
    prelude::*, //
};

/// The name of an errno, as programs spell it.
pub(crate) struct ErrnoName(pub(crate) Error);

impl fmt::Display for ErrnoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (E2BIG, "E2BIG"),
            (EACCES, "EACCES"),
            (EAGAIN, "EAGAIN"),
            (EBADF, "EBADF"),
            (EBUSY, "EBUSY"),
            (EEXIST, "EEXIST"),
            (EFAULT, "EFAULT"),
            (EILSEQ, "EILSEQ"),
            (EINTR, "EINTR"),
            (EINVAL, "EINVAL"),
            (EIO, "EIO"),
            (ENOMEM, "ENOMEM"),
            (ENOSYS, "ENOSYS"),
            (EOPNOTSUPP, "EOPNOTSUPP"),
            (EPERM, "EPERM"),
            (ESRCH, "ESRCH"),
        ];
        match names.iter().find(|(errno, _)| *errno == self.0) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "errno {}", -self.0.to_errno()),
        }
    }
}
