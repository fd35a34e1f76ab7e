// SPDX-License-Identifier: GPL-2.0

// What it all amounts to: the sentences, the causes, the longest runs.

// As `explain` says it in its first line.
function culpritInWords(summary) {
  const apart = summary.touching - summary.mergeable;
  const [first] = summary.causes;
  if (!first) {
    return "Nothing keeps VMAs apart that touch.";
  }
  const share = Math.floor((first.pairs * 100) / Math.max(apart, 1));
  const begin = `Main cause: ${first.cause}, in ${numberInWords(first.pairs)} of ${numberInWords(apart)} pairs (${share}%)`;
  return first.without === summary.remaining
    ? `${begin}; but no cause is enough by itself to keep any apart.`
    : `${begin}; without it, ${vmasInWords(first.without)} would remain, not ${numberInWords(summary.remaining)}.`;
}

// A VMA that touches no other one is in the file only as a number.
function limitInWords({ summary, vmas }) {
  const touching = `${numberInWords(summary.touching)} pairs touch, ${numberInWords(summary.mergeable)} of them mergeable`;
  const alone =
    summary.remaining === summary.vmas ? "" : `; ${vmasInWords(summary.remaining)} would remain if these were merged`;
  const untold = summary.vmas - vmas.count;
  const single =
    vmas.count > 0 && untold > 0
      ? ` ${vmasInWords(untold)} ${untold === 1 ? "touches" : "touch"} no other; the strip has all the rest.`
      : "";
  return `${touching}${alone}.${single}`;
}

function key(kind, text) {
  const mark = document.createElement("span");
  mark.className = `key ${kind}`;
  const words = document.createElement("b");
  words.textContent = text;
  return [mark, words];
}

function showVerdict(explanation, { heading, culprit, meter, limit }) {
  const { summary } = explanation;
  const [first] = summary.causes;
  const rest = first ? first.without : summary.remaining;
  const most = Math.max(summary.max_map_count, summary.vmas, 1);
  heading.textContent = `Why there are ${vmasInWords(summary.vmas)}`;
  culprit.textContent = culpritInWords(summary);
  const [all, remaining] = meter.children;
  all.style.width = `${(summary.vmas / most) * 100}%`;
  remaining.style.width = `${(Math.min(rest, summary.vmas) / most) * 100}%`;
  const share = ((summary.vmas * 100) / Math.max(summary.max_map_count, 1)).toFixed(1);
  const used = `${vmasInWords(summary.vmas)} of at most ${numberInWords(summary.max_map_count)} (vm.max_map_count, ${share}% used)`;
  meter.setAttribute("aria-label", used);
  limit.append(...key("all", used), " ");
  if (first && first.without !== summary.remaining) {
    limit.append(...key("rest", `${numberInWords(first.without)} without the main cause`), " ");
  }
  limit.append(limitInWords(explanation));
}

function showCauses({ summary, advice }, body) {
  body.append(
    ...summary.causes.map(({ cause, pairs, alone, without }, place) => {
      const row = document.createElement("tr");
      const name = document.createElement("td");
      const inner = document.createElement("span");
      inner.append(letterElement(place), cause);
      name.append(inner);
      if (advice[place]) {
        const words = document.createElement("p");
        words.className = "quiet";
        words.textContent = advice[place];
        name.append(words);
      }
      const bar = document.createElement("td");
      const track = document.createElement("div");
      track.className = "track";
      const length = document.createElement("div");
      length.style.width = `${(without / Math.max(summary.vmas, 1)) * 100}%`;
      track.append(length);
      bar.append(track);
      const numbers = [pairs, alone, without].map((number) => {
        const cell = document.createElement("td");
        cell.className = "number";
        cell.textContent = numberInWords(number);
        return cell;
      });
      row.append(name, ...numbers, bar);
      return row;
    }),
  );
}

function showRuns(summary, list, chose) {
  const names = summary.causes.map(({ cause }) => cause);
  list.append(
    ...summary.runs.map((run) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      const causes = run.causes.map((cause) => names.indexOf(cause)).sort((a, b) => a - b);
      const what = document.createElement("span");
      what.className = "what";
      const where = document.createElement("span");
      where.className = "address";
      where.textContent = rangeInWords(...run.range);
      what.append(`${vmasInWords(run.vmas)}: ${run.causes.join(", ")}`, document.createElement("br"), where);
      button.append(lettersElement(causes, names), what);
      button.addEventListener("click", () => chose(run));
      item.append(button);
      return item;
    }),
  );
}

// Buttons, to see only some of the causes. changed(causes): with those pressed, none for all.
function showLegend(explanation, element, changed) {
  const { summary } = explanation;
  const pressed = new Set();
  const legendButton = (place, letter, text) => {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", "false");
    button.append(letter, text);
    button.addEventListener("click", () => {
      if (!pressed.delete(place)) {
        pressed.add(place);
      }
      button.setAttribute("aria-pressed", String(pressed.has(place)));
      changed(pressed);
    });
    return button;
  };
  element.append(...summary.causes.map(({ cause }, place) => legendButton(place, letterElement(place), cause)));
  if (summary.mergeable > 0) {
    element.append(legendButton(summary.causes.length, mergeableElement(), MERGEABLE));
  }
}
