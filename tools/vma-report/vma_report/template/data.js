// SPDX-License-Identifier: GPL-2.0
"use strict";

// Unpacks the data of the page, which page.py has packed. Addresses and sizes are in pages of 4096
// bytes, so that all of them are exact as numbers.

async function unpack(base64) {
  const characters = atob(base64);
  const packed = new Uint8Array(characters.length);
  for (let i = 0; i < packed.length; i++) {
    packed[i] = characters.charCodeAt(i);
  }
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

// Returns the reasons with causes numbered as in the summary, the worst one first.
function reasonsOf({ reasons, causes }) {
  for (const reason of reasons) {
    reason.causes = reason.causes.map((cause) => causes[cause]).sort((a, b) => a - b);
  }
  return reasons;
}

function pairsOf(contents) {
  const count = contents.lowerStarts.length;
  const pairs = {
    count,
    starts: new Float64Array(count), // the start of the lower VMA
    boundaries: new Float64Array(count), // the end of the lower VMA
    uppers: new Float64Array(count), // the start of the upper VMA: the same, unless there is a hole
    ends: new Float64Array(count), // the end of the upper VMA
    reasons: Uint32Array.from(contents.reasonOf),
    upperVmas: new Uint32Array(count), // the number of the upper VMA; that of the lower VMA is one less
  };
  let start = 0;
  for (let i = 0; i < count; i++) {
    start += contents.lowerStarts[i];
    pairs.starts[i] = start;
    pairs.boundaries[i] = start + contents.lowerSizes[i];
    pairs.uppers[i] = pairs.boundaries[i] + contents.holes[i];
    pairs.ends[i] = pairs.uppers[i] + contents.upperSizes[i];
  }
  return pairs;
}

// Returns the VMAs of the pairs, and the VMAs that have their own lines, in ascending order. The process may have
// changed during the walk: later lines override earlier ones, but a VMA reaches down no further than the VMA before it.
function vmasOf(pairs, { told, natureOf }) {
  const most = 2 * pairs.count + told.length;
  const starts = new Float64Array(most);
  const ends = new Float64Array(most);
  // The pairs with the VMA below and above; -1 if there is none.
  const below = new Int32Array(most).fill(-1);
  const above = new Int32Array(most).fill(-1);
  // The description of each VMA; -1 if it is not known.
  const natures = new Int32Array(most).fill(-1);
  let count = 0;
  const see = (start, end) => {
    if (count === 0 || start > starts[count - 1]) {
      if (count > 0) {
        ends[count - 1] = Math.min(ends[count - 1], start);
      }
      starts[count++] = start;
    }
    ends[count - 1] = end;
  };
  let place = 0;
  const seeThoseTold = (before) => {
    for (; place < told.length && told[place][0] <= before; place++) {
      const [, start, end, nature] = told[place];
      see(start, end);
      natures[count - 1] = nature;
    }
  };
  for (let pair = 0; pair < pairs.count; pair++) {
    seeThoseTold(pair);
    see(pairs.starts[pair], pairs.boundaries[pair]);
    above[count - 1] = pair;
    starts[count] = pairs.uppers[pair];
    ends[count] = pairs.ends[pair];
    below[count] = pair;
    natures[count] = natureOf[pair];
    pairs.upperVmas[pair] = count++;
  }
  seeThoseTold(pairs.count);
  return {
    count,
    starts: starts.slice(0, count),
    ends: ends.slice(0, count),
    below: below.slice(0, count),
    above: above.slice(0, count),
    natures: natures.slice(0, count),
  };
}

// Returns the first index at which the ascending numbers exceed the value; their count if none does.
function firstAbove(numbers, value, from = 0) {
  let low = from;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle] > value) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
