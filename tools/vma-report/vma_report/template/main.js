// SPDX-License-Identifier: GPL-2.0

// Puts the parts of the page together.

const element = (id) => document.getElementById(id);

// Shows the answer, which is available at once. chose(run) is called when one of the longest runs
// is clicked.
function showAnswer(explanation, chose) {
  showVerdict(explanation, {
    heading: element("heading"),
    answer: element("answer"),
    meter: element("meter"),
    limit: element("limit"),
  });
  showCauses(explanation, element("causes").tBodies[0]);
  showRuns(explanation.summary, element("runs"), chose);
}

// Hides the parts that show VMAs: there are none if only a summary was asked for.
function showSummaryOnly() {
  for (const id of ["address-space", "boundaries"]) {
    element(id).hidden = true;
  }
  for (const button of element("runs").querySelectorAll("button")) {
    button.disabled = true;
  }
  element("summary-only").hidden = false;
}

// Shows the parts with all VMAs. Returns the strip.
function showVmas(explanation) {
  const { pairs, vmas } = explanation;
  const detail = new Detail(explanation, element("detail"));
  const strip = new Strip(
    explanation,
    { canvas: element("strip"), overview: element("overview"), where: element("where") },
    {
      pointed: (vma, hole) => {
        if (hole >= 0) {
          detail.showHoleBelow(hole);
        } else {
          detail.show(vma >= 0 ? vma : strip.chosenVma);
        }
      },
      chose: (vma) => {
        detail.show(vma);
        table.mark(vma < 0 ? -1 : pairOfVma(explanation, vma));
      },
    },
  );
  const table = new PairTable(
    explanation,
    {
      table: element("pairs"),
      head: document.querySelector(".pair-head"),
      scroll: element("pairs-scroll"),
      space: element("pairs-space"),
      rows: element("pairs-rows"),
      found: element("found"),
    },
    (pair) => {
      strip.choose(firstAbove(vmas.ends, pairs.uppers[pair]));
      strip.showRange(pairs.starts[pair], pairs.ends[pair]);
      bringIntoView(element("strip"));
    },
  );

  showLegend(explanation, element("legend"), (causes) => {
    strip.showCauses(causes);
    table.showCauses(causes);
  });
  element("filter").addEventListener("input", (event) => table.filter(event.target.value));
  listenToButtons(strip, vmas);
  return strip;
}

function listenToButtons(strip, vmas) {
  const { view } = strip;
  const actions = {
    "pan-left": () => view.stepBy(-0.5),
    "pan-right": () => view.stepBy(0.5),
    "zoom-out": () => view.zoomBy(2),
    "zoom-in": () => view.zoomBy(0.5),
    "zoom-page": () => strip.zoomToOnePage(),
    "zoom-whole": () => view.whole(),
  };
  for (const [id, action] of Object.entries(actions)) {
    element(id).addEventListener("click", action);
  }
  const scales = { "scale-size": scaleBySize, "scale-equal": scaleAllAlike };
  for (const [id, scale] of Object.entries(scales)) {
    element(id).addEventListener("click", () => {
      for (const each of Object.keys(scales)) {
        element(each).setAttribute("aria-pressed", String(each === id));
      }
      strip.setScale(scale(vmas));
    });
  }
}

// Follows the system's light or dark theme until the button is pressed.
function chooseTheme(changed) {
  const button = element("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const set = (isDark) => {
    document.documentElement.dataset.theme = isDark ? "dark" : "light";
    button.setAttribute("aria-pressed", String(isDark));
    changed();
  };
  const follow = () => set(system.matches);
  follow();
  system.addEventListener("change", follow);
  button.addEventListener("click", () => {
    system.removeEventListener("change", follow);
    set(button.getAttribute("aria-pressed") !== "true");
  });
}

async function start() {
  const loading = element("loading");
  loading.append("Unpacking the boundaries", " ", make("progress", { ariaLabel: "Unpacking the boundaries" }));
  let strip;
  chooseTheme(() => strip?.redrawAll());
  const answer = await unpack(element("summary-data").textContent);
  showAnswer(answer, (run) => {
    strip?.showRange(...run.range);
    bringIntoView(element("strip"));
  });
  // The answer is painted before the rest is unpacked.
  await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
  const contents = await unpack(element("boundaries-data").textContent);
  const pairs = pairsOf(contents);
  if (pairs.count === 0 && answer.summary.boundaries > 0) {
    showSummaryOnly();
  } else {
    const { natures } = contents;
    strip = showVmas({ ...answer, reasons: reasonsOf(contents), natures, pairs, vmas: vmasOf(pairs, contents) });
    strip.redrawAll();
  }
  // Only screen readers announce this.
  loading.className = "unseen";
  loading.textContent = "Everything is unpacked.";
}

start()
  .catch((error) => {
    element("trouble").hidden = false;
    element("loading").replaceChildren();
    element("trouble").textContent = `This browser cannot show the page: ${error.message}`;
    throw error;
  })
  .finally(() => {
    element("contents").dataset.isShown = "";
  });
