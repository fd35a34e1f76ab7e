// SPDX-License-Identifier: GPL-2.0

//! VMAs by their places: which lies beside which is known from the type.

use super::{
    bindings,
    host::VmaRef,
    vma::Vma, //
};
use core::{
    ops::Deref,
    ptr::NonNull, //
};

/// Makes a type for each place.
macro_rules! places {
    ($($(#[$doc:meta])* $place:ident;)+) => {$(
        $(#[$doc])*
        pub(crate) struct $place<'i, 'g>(Vma<'i, 'g>);

        impl<'i, 'g> $place<'i, 'g> {
            /// # Safety
            ///
            /// As for [`Vma::from_raw`]; and the VMA is in this place.
            pub(super) unsafe fn from_raw(ptr: NonNull<bindings::vm_area_struct>) -> Self {
                // SAFETY: The caller's promise.
                //
                // INVARIANT: Likewise.
                Self(unsafe { Vma::from_raw(ptr) })
            }

            /// The VMA, of which the type does not say any more where it lies.
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
    /// No VMA lies between the two.
    Prev;

    /// The VMA in the middle of a site.
    Middle;

    /// The VMA after the middle of a site, or after a gap.
    ///
    /// # Invariants
    ///
    /// No VMA lies between the two.
    Next;
}

impl<'i, 'g> Middle<'i, 'g> {
    /// The VMA alone, without those beside it.
    pub(crate) fn alone(self) -> Vma<'i, 'g> {
        self.0
    }
}
