// SPDX-License-Identifier: GPL-2.0

// Maps addresses to places on the strip. A scale gives each VMA a place from starts[i] to ends[i],
// in its own units. The space between two VMAs that do not touch is a hole. Holes may be terabytes,
// so a large hole gets less room than its size.

// The most room for all holes together, and for one hole, as fractions of the room for the VMAs.
const ALL_HOLES = 0.2;
const ONE_HOLE = 0.03;

class Scale {
  // widthOf(i): the width of a VMA. holeWidth: the most room for a hole. isBySize: whether a unit
  // is a page.
  constructor(vmas, { widthOf, holeWidth, isBySize }) {
    this.vmas = vmas;
    this.isBySize = isBySize;
    this.starts = new Float64Array(vmas.count);
    this.ends = new Float64Array(vmas.count);
    let place = 0;
    for (let i = 0; i < vmas.count; i++) {
      if (i > 0) {
        place += Math.min(vmas.starts[i] - vmas.ends[i - 1], holeWidth);
      }
      this.starts[i] = place;
      place += widthOf(i);
      this.ends[i] = place;
    }
    this.total = Math.max(place, 1);
  }

  // Returns the VMA at a place, otherwise the VMA above it; the number of VMAs if there is none.
  firstFrom(place) {
    return firstAbove(this.ends, place);
  }

  // Returns the VMA at a place, or -1.
  vmaAt(place) {
    const vma = this.firstFrom(place);
    return vma < this.vmas.count && this.starts[vma] <= place ? vma : -1;
  }

  // Returns the VMA above the hole at a place, or -1.
  holeAt(place) {
    const above = this.firstFrom(place);
    return above > 0 && above < this.vmas.count && place < this.starts[above] ? above : -1;
  }

  addressAt(place) {
    const { starts, ends, count } = this.vmas;
    const vma = this.firstFrom(place);
    if (count === 0) {
      return 0;
    }
    if (vma === count) {
      return ends[count - 1];
    }
    const between = (from, to, low, high) => low + ((place - from) / (to - from)) * (high - low);
    if (this.starts[vma] <= place) {
      return between(this.starts[vma], this.ends[vma], starts[vma], ends[vma]);
    }
    return vma === 0 ? starts[0] : between(this.ends[vma - 1], this.starts[vma], ends[vma - 1], starts[vma]);
  }

  placeOf(address) {
    const { starts, ends, count } = this.vmas;
    const vma = firstAbove(ends, address);
    if (vma === count) {
      return this.total;
    }
    if (starts[vma] > address) {
      return this.starts[vma];
    }
    const part = (address - starts[vma]) / (ends[vma] - starts[vma]);
    return this.starts[vma] + part * (this.ends[vma] - this.starts[vma]);
  }
}

function scaleBySize(vmas) {
  let holes = 0;
  let mapped = 0;
  for (let i = 0; i < vmas.count; i++) {
    holes += i > 0 && vmas.starts[i] > vmas.ends[i - 1];
    mapped += vmas.ends[i] - vmas.starts[i];
  }
  const holeWidth = mapped * Math.min(ONE_HOLE, ALL_HOLES / Math.max(holes, 1));
  const widthOf = (i) => vmas.ends[i] - vmas.starts[i];
  return new Scale(vmas, { widthOf, holeWidth, isBySize: true });
}

function scaleAllAlike(vmas) {
  return new Scale(vmas, { widthOf: () => 1, holeWidth: 1, isBySize: false });
}
