// SPDX-License-Identifier: GPL-2.0

// Draws VMAs on a canvas. A VMA that is wide enough is a block, with the colours of its causes one
// above the other. A pixel with several VMAs shows how many of them have each cause. The time to
// draw depends on the number of pixels, not of VMAs.

// Minimum widths in pixels, which are multiplied by the pixel ratio of the device.
const BLOCK = 2;
const BLOCK_WITH_EDGE = 5;
const BLOCK_WITH_LETTER = 15;
const BLOCK_WITH_WORDS = 60;
const HOLE_WITH_WORDS = 64;
const TWO_LINES = 40;

// For each cause, the number of VMAs below each VMA that have it, so that the difference of two
// numbers counts the VMAs between. The last column is for VMAs that are mergeable with their
// neighbour.
class Counts {
  constructor(explanation) {
    const { vmas } = explanation;
    this.mergeable = explanation.summary.causes.length;
    this.below = Array.from({ length: this.mergeable + 1 }, () => new Uint32Array(vmas.count + 1));
    for (let vma = 0; vma < vmas.count; vma++) {
      for (const column of this.below) {
        column[vma + 1] = column[vma];
      }
      for (const cause of this.columnsOf(explanation, vma)) {
        this.below[cause][vma + 1]++;
      }
    }
  }

  // Returns the columns of a VMA. A single VMA has no neighbour, and counts as mergeable.
  columnsOf(explanation, vma) {
    const pair = pairOfVma(explanation, vma);
    const causes = pair < 0 ? [] : explanation.reasons[explanation.pairs.reasons[pair]].causes;
    return causes.length ? causes : [this.mergeable];
  }

  between(column, first, end) {
    return this.below[column][end] - this.below[column][first];
  }
}

// Returns the pair whose causes a VMA shows: the pair with the VMA below, or for the lowest VMA,
// the pair with the VMA above.
function pairOfVma({ vmas }, vma) {
  return vmas.below[vma] >= 0 ? vmas.below[vma] : vmas.above[vma];
}

class Painter {
  constructor(explanation) {
    this.explanation = explanation;
    this.counts = new Counts(explanation);
    this.names = explanation.summary.causes.map(({ cause }) => cause);
  }

  // Paints a part of the scale. view: the part. box: the target, in the pixels of the context.
  // chosen: the causes to show, or none for all. theme: themeColours(). hasWords: whether there is
  // room for words.
  paint(context, { scale, view, box, ratio, chosen, theme, hasWords }) {
    Object.assign(this, { context, box, ratio, chosen, theme });
    this.paintHatching();
    const toPixels = box.width / view.width;
    const pixelOf = (place) => (place - view.left) * toPixels;
    const { count } = this.explanation.vmas;
    let vma = scale.firstFrom(view.left);
    let lastEnd = vma > 0 ? pixelOf(scale.ends[vma - 1]) : 0;
    while (vma < count) {
      const from = pixelOf(scale.starts[vma]);
      const to = pixelOf(scale.ends[vma]);
      if (hasWords && from - lastEnd >= HOLE_WITH_WORDS * ratio) {
        this.paintHoleWords(vma, lastEnd, from);
      }
      if (from >= box.width) {
        break;
      }
      lastEnd = to;
      if (to - from >= BLOCK * ratio) {
        this.paintBlock(vma, Math.max(from, 0), Math.min(to, box.width), hasWords);
        vma++;
        continue;
      }
      const pixel = Math.max(0, Math.floor(from));
      let end = firstAbove(scale.starts, view.left + (pixel + 1) / toPixels, vma + 1);
      if (end - 1 > vma && pixelOf(scale.ends[end - 1]) - pixelOf(scale.starts[end - 1]) >= BLOCK * ratio) {
        end--;
      }
      lastEnd = pixelOf(scale.ends[end - 1]);
      // Extends to the end of the last VMA if that is beyond this pixel.
      this.paintPixels(pixel, Math.max(1, Math.floor(lastEnd) - pixel), vma, end);
      vma = end;
    }
  }

  paintHatching() {
    const { context, box, ratio, theme } = this;
    context.fillStyle = theme.hole;
    context.fillRect(0, 0, box.width, box.height);
    context.strokeStyle = theme.holeLine;
    context.lineWidth = ratio;
    context.beginPath();
    for (let x = -box.height; x < box.width; x += 7 * ratio) {
      context.moveTo(x, box.height);
      context.lineTo(x + box.height, 0);
    }
    context.stroke();
  }

  isFaint(column) {
    return this.chosen.size > 0 && !this.chosen.has(column);
  }

  fill(column, x, y, width, height) {
    const { context, counts, theme } = this;
    context.globalAlpha = this.isFaint(column) ? 0.16 : 1;
    context.fillStyle = column === counts.mergeable ? theme.mergeable : colourOf(column);
    context.fillRect(x, y, width, height);
    context.globalAlpha = 1;
  }

  paintPixels(pixel, width, first, end) {
    const { counts, box, context, theme } = this;
    let all = 0;
    for (let column = 0; column <= counts.mergeable; column++) {
      all += counts.between(column, first, end);
    }
    // Faint colours are painted on the colour of the card, not on the hatching.
    context.fillStyle = theme.card;
    context.fillRect(pixel, 0, width, box.height);
    let below = 0;
    for (let column = 0; column <= counts.mergeable; column++) {
      const here = counts.between(column, first, end);
      if (here > 0) {
        const top = Math.round((below / all) * box.height);
        below += here;
        this.fill(column, pixel, top, width, Math.round((below / all) * box.height) - top);
      }
    }
  }

  paintBlock(vma, from, to, hasWords) {
    const { explanation, counts, box, ratio, context, theme } = this;
    const x = Math.round(from);
    const width = Math.max(1, Math.round(to) - x);
    const columns = counts.columnsOf(explanation, vma);
    const height = box.height / columns.length;
    context.fillStyle = theme.card;
    context.fillRect(x, 0, width, box.height);
    const edge = width >= BLOCK_WITH_EDGE * ratio ? Math.round(ratio) : 0;
    columns.forEach((column, place) => {
      const top = Math.round(place * height);
      const bottom = Math.round((place + 1) * height);
      this.fill(column, x + edge, top, width - edge, bottom - top);
      if (hasWords && width >= BLOCK_WITH_LETTER * ratio && height >= 12 * ratio) {
        const room = { x: x + edge, y: top, width: width - edge, height: bottom - top };
        this.paintWords(vma, column, room, place === 0);
      }
    });
  }

  // Writes a cause. The first cause also has the description of the VMA, if there is room.
  paintWords(vma, column, { x, y, width, height }, isFirst) {
    const { explanation, counts, ratio, context, theme } = this;
    const isCause = column < counts.mergeable;
    context.fillStyle = !isCause || this.isFaint(column) ? theme.ink : inkOn(column);
    context.textBaseline = "middle";
    context.textAlign = "center";
    const isWide = width >= BLOCK_WITH_WORDS * ratio;
    const lines = [{ weight: 600, words: this.causeInWords(vma, column, isFirst && isWide, isWide) }];
    if (isFirst && isWide && height >= TWO_LINES * ratio && explanation.vmas.natures[vma] >= 0) {
      const words = [natureInWords(explanation, vma), rightsOf(explanation, vma)];
      lines.push({ weight: 400, words });
    }
    lines.forEach(({ weight, words }, line) => {
      context.font = `${weight} ${13 * ratio}px system-ui, "DejaVu Sans", sans-serif`;
      // The longest words that fit.
      const fitting = words.find((each) => context.measureText(each).width <= width - 4 * ratio);
      const middle = y + height / 2 + (line - (lines.length - 1) / 2) * 18 * ratio;
      if (fitting) {
        context.fillText(fitting, x + width / 2, middle);
      }
    });
  }

  // Returns descriptions of a cause, from the longest to the shortest. A single VMA has no cause.
  causeInWords(vma, column, hasSize, hasCause) {
    const { explanation, counts, names } = this;
    const { starts, ends } = explanation.vmas;
    const isCause = column < counts.mergeable;
    const isOnly = pairOfVma(explanation, vma) < 0;
    const letter = isOnly ? "" : isCause ? letterOf(column) : "=";
    const size = hasSize ? sizeInWords(ends[vma] - starts[vma]) : "";
    const cause = isOnly || !hasCause ? "" : isCause ? names[column] : MERGEABLE;
    return [[letter, size, cause].filter(Boolean).join("  "), letter];
  }

  paintHoleWords(vma, from, to) {
    const { explanation, box, ratio, context, theme } = this;
    if (vma === 0) {
      return;
    }
    const left = Math.max(from, 0);
    const right = Math.min(to, box.width);
    const { starts, ends } = explanation.vmas;
    const words = ["hole of", sizeInWords(starts[vma] - ends[vma - 1])];
    context.font = `${12 * ratio}px system-ui, "DejaVu Sans", sans-serif`;
    const width = Math.max(...words.map((each) => context.measureText(each).width)) + 10 * ratio;
    if (width > right - left) {
      return;
    }
    const middle = (left + right) / 2;
    context.fillStyle = theme.hole;
    context.fillRect(middle - width / 2, box.height / 2 - 18 * ratio, width, 36 * ratio);
    context.fillStyle = theme.quiet;
    context.textAlign = "center";
    context.textBaseline = "middle";
    words.forEach((each, line) => {
      context.fillText(each, middle, box.height / 2 + (line - 0.5) * 15 * ratio);
    });
  }
}
