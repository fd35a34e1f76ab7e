// SPDX-License-Identifier: GPL-2.0

//! Stands in for the kernel crate in userland, with the few names that the engine takes from it (see
//! rust/vma/sys/host.rs), on top of the kernel's own shim for tests of VMAs, tools/testing/vma.

#![no_std]
#![allow(missing_docs)]

/// The types of C. As in the kernel, `unsigned long` is `usize` and characters are unsigned.
#[allow(non_camel_case_types)]
pub mod ffi {
    pub use core::ffi::{
        c_int,
        c_long,
        c_longlong,
        c_schar,
        c_short,
        c_uchar,
        c_uint,
        c_ulonglong,
        c_ushort,
        c_void, //
    };
    pub type c_char = u8;
    pub type c_ulong = usize;
}

/// The C declarations that bindgen generates.
#[allow(
    clippy::all,
    clippy::as_ptr_cast_mut,
    clippy::ptr_as_ptr,
    clippy::ref_as_ptr,
    clippy::undocumented_unsafe_blocks,
    dead_code,
    improper_ctypes,
    improper_ctypes_definitions,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    unknown_lints,
    unnecessary_transmutes,
    unsafe_op_in_unsafe_fn
)]
pub mod bindings {
    use super::ffi;
    include!(env!("RUST_VMA_USERLAND_BINDINGS"));

    /// The bit of the kernel, which is missing from the shim's copy of the flags.
    pub const VMA_UFFD_RWP_BIT: u32 = 43;
}

pub mod error {
    use core::num::NonZeroI32;

    /// An errno. It is negative, as C returns it.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct Error(NonZeroI32);

    pub type Result<T = (), E = Error> = core::result::Result<T, E>;

    impl Error {
        const fn new(errno: u32) -> Self {
            match NonZeroI32::new(-(errno as i32)) {
                Some(errno) => Self(errno),
                None => panic!("an errno of zero is not an error"),
            }
        }

        /// Returns the negative errno.
        pub fn to_errno(self) -> core::ffi::c_int {
            self.0.get()
        }
    }

    /// Converts a value that C returned: zero, or a negative errno.
    pub fn to_result(returned: core::ffi::c_int) -> Result {
        match NonZeroI32::new(returned) {
            Some(errno) if errno.get() < 0 => Err(Error(errno)),
            _ => Ok(()),
        }
    }

    pub mod code {
        use super::Error;

        pub const EINVAL: Error = Error::new(crate::bindings::EINVAL);
        pub const ENOMEM: Error = Error::new(crate::bindings::ENOMEM);
    }
}

pub mod mm {
    use crate::bindings;
    use core::cell::UnsafeCell;

    /// An address space.
    #[repr(transparent)]
    pub struct MmWithUser(UnsafeCell<bindings::mm_struct>);

    impl MmWithUser {
        /// Returns the address space behind a pointer of C.
        ///
        /// # Safety
        ///
        /// The mm is valid throughout `'a`.
        pub unsafe fn from_raw<'a>(mm: *const bindings::mm_struct) -> &'a Self {
            // SAFETY: By the caller's promise; the layouts are the same.
            unsafe { &*mm.cast() }
        }

        /// Returns C's pointer to the address space.
        pub fn as_raw(&self) -> *mut bindings::mm_struct {
            self.0.get()
        }
    }

    pub mod virt {
        use super::{
            bindings,
            MmWithUser,
            UnsafeCell, //
        };

        /// A VMA that may be read.
        #[repr(transparent)]
        pub struct VmaRef(UnsafeCell<bindings::vm_area_struct>);

        impl VmaRef {
            /// Returns the VMA behind a pointer of C.
            ///
            /// # Safety
            ///
            /// The VMA is valid throughout `'a`.
            pub unsafe fn from_raw<'a>(vma: *const bindings::vm_area_struct) -> &'a Self {
                // SAFETY: By the caller's promise; the layouts are the same.
                unsafe { &*vma.cast() }
            }

            /// Returns C's pointer to the VMA.
            pub fn as_ptr(&self) -> *mut bindings::vm_area_struct {
                self.0.get()
            }

            /// Returns the address space of the VMA.
            pub fn mm(&self) -> &MmWithUser {
                // SAFETY: The mm of a valid VMA is valid; the layouts are the same.
                unsafe { &*(*self.as_ptr()).vm_mm.cast::<MmWithUser>() }
            }
        }
    }
}

pub mod types {
    /// Keeps a type that contains it in the thread that made it.
    pub type NotThreadSafe = core::marker::PhantomData<*mut ()>;

    #[allow(non_upper_case_globals)]
    pub const NotThreadSafe: NotThreadSafe = core::marker::PhantomData;
}
