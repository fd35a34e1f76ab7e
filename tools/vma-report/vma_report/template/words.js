// SPDX-License-Identifier: GPL-2.0

// How numbers are told to people. Words for rules, flags and causes are in the data.

// A number of pages as an address, as in /proc/PID/maps. Parts of pages are bytes.
function addressInWords(pages) {
  const whole = Math.floor(pages);
  const bytes = Math.floor((pages - whole) * 4096);
  return whole.toString(16) + bytes.toString(16).padStart(3, "0");
}

function rangeInWords(start, end) {
  return `${addressInWords(start)}-${addressInWords(end)}`;
}

function sizeInWords(pages) {
  let size = pages * 4;
  let unit = "KiB";
  for (const larger of ["MiB", "GiB", "TiB", "PiB"]) {
    if (size < 1024) {
      break;
    }
    size /= 1024;
    unit = larger;
  }
  return `${size < 10 ? Math.round(size * 10) / 10 : Math.round(size)} ${unit}`;
}

function numberInWords(number) {
  return number.toLocaleString("en");
}

function vmasInWords(number) {
  return number === 1 ? "1 VMA" : `${numberInWords(number)} VMAs`;
}
