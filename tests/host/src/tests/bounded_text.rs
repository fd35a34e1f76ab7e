// SPDX-License-Identifier: GPL-2.0

//! Text of a bounded length, compared with a string that is cut off by hand.

use super::fake::Dice;
use crate::bounded::{
    Bounded,
    Full, //
};
use std::fmt::Write;

fn text(room: usize) -> Bounded<Vec<u8>> {
    Bounded::new(vec![0xee; room])
}

/// Appends `piece` to the model if it fits.
fn append(model: &mut Vec<u8>, room: usize, piece: &[u8]) -> bool {
    let fits = model.len() + piece.len() <= room;
    if fits {
        model.extend(piece);
    }
    fits
}

#[test]
fn pieces_fit_whole_or_not_at_all() {
    let mut dice = Dice::new(1);
    let mut refused = 0;
    for _ in 0..20_000 {
        let room = dice.roll(60);
        let mut text = text(room);
        let mut model = Vec::new();
        for _ in 0..12 {
            let piece = "abcdefghijklmnopqrstuvwxyz"[..dice.roll(27)].to_string();
            let number = dice.roll(usize::MAX) >> dice.roll(64);
            let (fitted, expected) = match dice.roll(8) {
                0 => (
                    text.append_bytes(piece.as_bytes()).is_ok(),
                    append(&mut model, room, piece.as_bytes()),
                ),
                1 => (
                    text.append_str(&piece).is_ok(),
                    append(&mut model, room, piece.as_bytes()),
                ),
                2 => (
                    // The text has three pieces, of which the first may fit and the last may not.
                    text.append(format_args!("{piece}-{number}")).is_ok(),
                    append(&mut model, room, format!("{piece}-{number}").as_bytes()),
                ),
                3 => (
                    text.append_address(number, b'-').is_ok(),
                    append(&mut model, room, format!("{number:012x}-").as_bytes()),
                ),
                4 => {
                    let some = piece.len().min(room - model.len());
                    model.extend(&piece.as_bytes()[..some]);
                    assert_eq!(text.append_some(piece.as_bytes()), some);
                    (true, true)
                }
                5 => {
                    let length = dice.roll(70);
                    text.truncate(length);
                    model.truncate(length);
                    (true, true)
                }
                6 if dice.roll(4) == 0 => {
                    text.clear();
                    model.clear();
                    (true, true)
                }
                _ => (
                    text.write_str(&piece).is_ok(),
                    append(&mut model, room, piece.as_bytes()),
                ),
            };
            assert_eq!(fitted, expected);
            refused += usize::from(!fitted);
            assert_eq!(text.as_bytes(), model);
            assert_eq!(text.room(), room - model.len());
        }
    }
    assert!(refused > 10_000, "{refused}");
}

#[test]
fn addresses_have_twelve_digits_or_as_many_as_they_need() {
    for shift in 0..64 {
        for addr in [
            1 << shift,
            usize::MAX >> shift,
            0x0123_4567_89ab_cdef >> shift,
        ] {
            let mut text = text(17);
            assert!(text.append_address(addr, b' ').is_ok());
            assert_eq!(text.as_bytes(), format!("{addr:012x} ").as_bytes());
        }
    }
    assert!(matches!(text(12).append_address(0, b' '), Err(Full)));
}
