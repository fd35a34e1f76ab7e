// SPDX-License-Identifier: GPL-2.0

// What is known of a VMA: where it is, and what keeps it from the ones below and above.

class Detail {
  constructor(explanation, element) {
    this.explanation = explanation;
    this.element = element;
    this.names = explanation.summary.causes.map(({ cause }) => cause);
    this.show(-1);
  }

  show(vma) {
    if (vma < 0) {
      this.hint(
        this.explanation.vmas.count
          ? "Point to a VMA, or click it to keep it here."
          : "No two VMAs that touch are in the file: there are none, or only the summary was asked for.",
      );
      return;
    }
    const { below, above } = this.explanation.vmas;
    this.element.replaceChildren(
      this.side("the one below", below[vma]),
      this.itself(vma),
      this.side("the one above", above[vma]),
    );
  }

  showGapBelow(vma) {
    const { starts, ends } = this.explanation.vmas;
    const range = rangeInWords(ends[vma - 1], starts[vma]);
    const size = sizeInWords(starts[vma] - ends[vma - 1]);
    this.hint(`${range}: a gap of ${size}. No two VMAs touch here.`);
  }

  hint(words) {
    const cell = document.createElement("div");
    const hint = document.createElement("p");
    hint.className = "quiet";
    hint.textContent = words;
    cell.append(hint);
    cell.className = "hint";
    this.element.replaceChildren(cell);
  }

  itself(vma) {
    const { starts, ends } = this.explanation.vmas;
    const pages = ends[vma] - starts[vma];
    const cell = document.createElement("div");
    const range = document.createElement("p");
    range.className = "vma address";
    range.textContent = rangeInWords(starts[vma], ends[vma]);
    const size = document.createElement("p");
    size.textContent = `${sizeInWords(pages)}, ${numberInWords(pages)} ${pages === 1 ? "page" : "pages"} of 4 KiB`;
    cell.append(heading("The VMA"), range, size);
    return cell;
  }

  side(neighbour, pair) {
    const cell = document.createElement("div");
    if (pair < 0) {
      const nothing = document.createElement("p");
      nothing.className = "quiet";
      nothing.textContent = "There is none that touches it.";
      cell.append(heading(`To ${neighbour}`), nothing);
      return cell;
    }
    const reason = this.explanation.reasons[this.explanation.pairs.reasons[pair]];
    const list = document.createElement("ul");
    list.append(
      ...reason.words.map((each) => {
        const item = document.createElement("li");
        item.textContent = each;
        return item;
      }),
    );
    cell.append(
      heading(reason.causes.length ? `Kept from ${neighbour} because` : `With ${neighbour}`),
      lettersElement(reason.causes, this.names),
      list,
    );
    return cell;
  }
}

function heading(text) {
  const element = document.createElement("h3");
  element.textContent = text;
  return element;
}
