// SPDX-License-Identifier: GPL-2.0

//! VMAs by place: the type of a handle says where its VMA lies relative to other VMAs.

use super::{
    bindings,
    host::VmaRef,
    vma::Vma, //
};
use core::{
    ops::Deref,
    ptr::NonNull, //
};

/// Defines a type for each place.
macro_rules! places {
    ($($(#[$doc:meta])* $place:ident;)+) => {$(
        $(#[$doc])*
        pub(crate) struct $place<'i, 'g>(Vma<'i, 'g>);

        impl<'i, 'g> $place<'i, 'g> {
            /// # Safety
            ///
            /// The requirements of [`Vma::from_raw`], and the VMA is in this place.
            pub(super) unsafe fn from_raw(ptr: NonNull<bindings::vm_area_struct>) -> Self {
                // SAFETY: The caller meets the requirements of `Vma::from_raw()`.
                //
                // INVARIANT: By the caller's promise the VMA is in this place.
                Self(unsafe { Vma::from_raw(ptr) })
            }

            /// Returns the VMA as a handle whose type no longer says where the VMA lies.
            pub(super) fn into_vma(self) -> Vma<'i, 'g> {
                self.0
            }
        }

        impl Deref for $place<'_, '_> {
            type Target = VmaRef;

            fn deref(&self) -> &VmaRef {
                &self.0
            }
        }
    )+};
}

places! {
    /// The VMA before the middle of a site, or before a gap.
    ///
    /// # Invariants
    ///
    /// No VMA lies between this VMA and the middle or the gap.
    Prev;

    /// The VMA in the middle of a site.
    Middle;

    /// The VMA after the middle of a site, or after a gap.
    ///
    /// # Invariants
    ///
    /// No VMA lies between this VMA and the middle or the gap.
    Next;
}

impl<'i, 'g> Middle<'i, 'g> {
    /// Returns the VMA alone, without its neighbours.
    pub(crate) fn alone(self) -> Vma<'i, 'g> {
        self.0
    }
}
