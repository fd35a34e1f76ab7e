// SPDX-License-Identifier: GPL-2.0

//! Names, policies and paths of VMAs, as people read them.

use crate::{
    explain::{
        PolicyInWords,
        Use, //
    },
    vma::{
        compat::Attributes,
        sys::{
            bindings,
            VmaRef, //
        },
    }, //
};
use kernel::prelude::*;

/// Returns the name that `prctl(PR_SET_VMA)` has given a VMA, if any.
pub(crate) fn name_of(vma: &VmaRef) -> Option<&CStr> {
    // SAFETY: The VMA is valid, and keeps its name while it is borrowed.
    let name = unsafe { bindings::rust_vma_name(vma.as_ptr()) };
    // SAFETY: `name` is a C string that the VMA keeps while it is borrowed.
    (!name.is_null()).then(|| unsafe { CStr::from_char_ptr(name) })
}

/// Returns the purpose of a VMA that maps no file, as shown in /proc/PID/maps.
pub(crate) fn use_of(vma: &VmaRef) -> Use<'_> {
    let mut name = core::ptr::null();
    // SAFETY: The VMA is valid, its mmap lock is held while it is borrowed, and `name` may be written.
    let used_as = unsafe { bindings::rust_vma_use(vma.as_ptr(), &mut name) };
    if !name.is_null() {
        // SAFETY: The callee has set `name` to a C string that lives as long as the mapping.
        return Use::Special(unsafe { CStr::from_char_ptr(name) }.to_bytes());
    }
    match used_as {
        bindings::RUST_VMA_USED_AS_HEAP => Use::Heap,
        bindings::RUST_VMA_USED_AS_STACK => Use::Stack,
        _ => Use::Unknown,
    }
}

/// Returns the number of a VMA's anon_vma, and that of its root, from which forks have derived it.
pub(crate) fn anon_vma_of(vma: &VmaRef) -> Option<(usize, usize)> {
    let mut root = 0;
    // SAFETY: The VMA is valid, and keeps its anon_vma while it is borrowed.
    let number = unsafe { bindings::rust_vma_anon_vma(vma.as_ptr(), &mut root) };
    (number != 0).then_some((number, root))
}

/// Returns the number of the inode of the file that a VMA maps, if any. The number is unique while the file is
/// mapped.
pub(crate) fn inode_of(vma: &VmaRef) -> Option<usize> {
    let file = vma.file()?;
    // SAFETY: The VMA holds a reference to its file.
    Some(unsafe { bindings::rust_vma_inode(file.as_ptr()) })
}

/// Returns the NUMA policy of a VMA.
pub(crate) fn policy_of(vma: &VmaRef) -> PolicyInWords {
    let (mut flags, mut nodes, mut home) = (0, 0, 0);
    // SAFETY: The VMA is valid, and keeps its policy while it is borrowed. The other arguments may be written.
    let mode =
        unsafe { bindings::rust_vma_policy_mode(vma.as_ptr(), &mut flags, &mut nodes, &mut home) };
    PolicyInWords {
        mode,
        flags,
        nodes,
        // A negative number means that there is no home node.
        home: u32::try_from(home).ok(),
    }
}

/// Writes the path of the file that a VMA maps, as the caller sees it, into `buffer`, and returns it.
///
/// Returns `None` if the VMA maps no file, or the path does not fit. Answers to `d_path()`.
pub(crate) fn path_of<'b>(vma: &VmaRef, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let file = vma.file()?;
    let length = c_int::try_from(buffer.len()).ok()?;
    // SAFETY: The VMA holds a reference to its file, and `length` is the length of the buffer.
    let path = unsafe { bindings::rust_vma_file_path(file.as_ptr(), buffer.as_mut_ptr(), length) };
    kernel::error::from_err_ptr(path).ok()?;

    // `d_path()` puts the path at the end of the buffer, followed by a NUL.
    let start = (path as usize).checked_sub(buffer.as_ptr() as usize)?;
    let path = buffer.get(start..)?;
    let end = path.iter().position(|&byte| byte == 0)?;
    path.get(..end)
}
