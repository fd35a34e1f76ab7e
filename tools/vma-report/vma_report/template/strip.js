// SPDX-License-Identifier: GPL-2.0

// The address space as a strip, with an overview above it, and their control by mouse and keys.

const AXIS_HEIGHT = 26;
const LABEL_DISTANCE = 150;
const WHEEL_SPEED = 0.0016;

class Strip {
  // pointed(vma, hole) is called when the pointer is over a VMA, or over the hole below a VMA; -1
  // stands for none. chose(vma) is called when a VMA is clicked or reached by keys.
  constructor(explanation, { canvas, overview, where }, { pointed, chose }) {
    Object.assign(this, { explanation, canvas, overview, where, pointed, chose });
    this.painter = new Painter(explanation);
    this.chosenCauses = new Set();
    this.chosenVma = -1;
    this.pointedVma = -1;
    this.pointedHole = -1;
    this.frame = 0;
    this.view = new View(scaleBySize(explanation.vmas), () => this.refresh());
    new ResizeObserver(() => this.redrawAll()).observe(canvas);
    this.listenToPointer();
    this.listenToOverview();
    canvas.addEventListener("keydown", (event) => this.press(event));
  }

  setScale(scale) {
    const shown = this.chosenVma;
    this.view.setScale(scale);
    this.overviewIsOld = true;
    if (shown >= 0) {
      this.showVma(shown);
    }
  }

  showCauses(causes) {
    this.chosenCauses = causes;
    this.redrawAll();
  }

  redrawAll() {
    this.overviewIsOld = true;
    this.refresh();
  }

  // Draws once in the next frame, however often it is called until then.
  refresh() {
    if (this.frame === 0) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.draw();
      });
    }
  }

  draw() {
    this.ratio = devicePixelRatio || 1;
    if (this.overviewIsOld) {
      this.theme = themeColours();
      this.overviewPicture = this.pictureOfAll();
      this.overviewIsOld = false;
    }
    this.drawStrip();
    this.drawOverview();
    this.tellWhere();
  }

  // Returns the context of a canvas, after giving the canvas the resolution of the screen.
  contextOf(canvas) {
    const width = Math.round(canvas.clientWidth * this.ratio);
    const height = Math.round(canvas.clientHeight * this.ratio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    return canvas.getContext("2d", { alpha: false });
  }

  drawStrip() {
    const { canvas, ratio, theme, view } = this;
    const context = this.contextOf(canvas);
    const height = canvas.height - AXIS_HEIGHT * ratio;
    context.fillStyle = theme.card;
    context.fillRect(0, 0, canvas.width, canvas.height);
    this.painter.paint(context, {
      scale: view.scale,
      view,
      box: { width: canvas.width, height },
      ratio,
      chosen: this.chosenCauses,
      theme,
      hasWords: true,
    });
    this.drawMark(context, this.chosenVma, 3, height);
    this.drawMark(context, this.pointedVma, 1.5, height);
    this.drawAxis(context, height);
  }

  // Draws a mark around a VMA, with a minimum width so that it can be seen.
  drawMark(context, vma, thickness, height) {
    if (vma < 0) {
      return;
    }
    const { view, ratio, theme, canvas } = this;
    const pixelOf = (place) => ((place - view.left) / view.width) * canvas.width;
    const line = thickness * ratio;
    const from = Math.max(pixelOf(view.scale.starts[vma]), -line);
    const to = Math.min(pixelOf(view.scale.ends[vma]), canvas.width + line);
    if (to < 0 || from > canvas.width) {
      return;
    }
    const spare = Math.max(0, 4 * ratio - (to - from)) / 2;
    for (const [colour, width] of [
      [theme.card, line + 2 * ratio],
      [theme.mark, line],
    ]) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.strokeRect(
        from - spare + line / 2,
        line / 2 + ratio,
        Math.max(to - from + 2 * spare - line, ratio),
        height - line - 2 * ratio,
      );
    }
  }

  drawAxis(context, top) {
    const { canvas, ratio, theme } = this;
    context.fillStyle = theme.quiet;
    context.font = `${12 * ratio}px ui-monospace, "DejaVu Sans Mono", monospace`;
    context.textBaseline = "alphabetic";
    const steps = Math.max(1, Math.floor(canvas.width / (LABEL_DISTANCE * ratio)));
    for (let step = 0; step <= steps; step++) {
      const part = step / steps;
      const x = Math.min(part * canvas.width, canvas.width - ratio);
      context.textAlign = step === 0 ? "left" : step === steps ? "right" : "center";
      context.fillRect(Math.round(x), top, ratio, 5 * ratio);
      context.fillText(addressInWords(this.addressAt(part)), x, top + 19 * ratio);
    }
  }

  // Returns an address, rounded to whole pages unless only a few pages are shown.
  addressAt(part) {
    const { view } = this;
    const address = view.scale.addressAt(view.left + part * view.width);
    return view.scale.isBySize && view.width < 64 ? address : Math.round(address);
  }

  pictureOfAll() {
    const picture = document.createElement("canvas");
    picture.width = Math.max(1, Math.round(this.overview.clientWidth * this.ratio));
    picture.height = Math.max(1, Math.round(this.overview.clientHeight * this.ratio));
    this.painter.paint(picture.getContext("2d", { alpha: false }), {
      scale: this.view.scale,
      view: { left: 0, width: this.view.scale.total },
      box: picture,
      ratio: this.ratio,
      chosen: this.chosenCauses,
      theme: this.theme,
      hasWords: false,
    });
    return picture;
  }

  drawOverview() {
    const { overview, overviewPicture, view, ratio, theme } = this;
    const context = this.contextOf(overview);
    context.drawImage(overviewPicture, 0, 0);
    const from = (view.left / view.scale.total) * overview.width;
    const width = Math.max((view.width / view.scale.total) * overview.width, 4 * ratio);
    context.fillStyle = theme.card;
    context.globalAlpha = 0.6;
    context.fillRect(0, 0, from, overview.height);
    context.fillRect(from + width, 0, overview.width, overview.height);
    context.globalAlpha = 1;
    context.strokeStyle = theme.mark;
    context.lineWidth = 2 * ratio;
    context.strokeRect(from + ratio, ratio, width - 2 * ratio, overview.height - 2 * ratio);
  }

  tellWhere() {
    const { view, where } = this;
    const first = view.scale.firstFrom(view.left);
    const end = firstAbove(view.scale.starts, view.right);
    const shown = Math.max(end - first - (view.scale.starts[end - 1] === view.right), 0);
    const from = this.addressAt(0);
    const to = this.addressAt(1);
    const size = view.scale.isBySize ? `${sizeInWords(to - from)} of addresses, ` : "";
    const words = `${rangeInWords(from, to)}: ${size}${vmasInWords(shown)} to be seen`;
    // Setting the text again would make screen readers read it again.
    if (where.textContent !== words) {
      where.textContent = words;
    }
  }

  placeAt(event) {
    const box = this.canvas.getBoundingClientRect();
    return this.view.left + ((event.clientX - box.left) / box.width) * this.view.width;
  }

  // Returns the VMA under the pointer, or a VMA within two pixels that is too narrow to hit.
  vmaAt(event) {
    const { view, canvas } = this;
    const place = this.placeAt(event);
    const vma = view.scale.vmaAt(place);
    const reach = (2 * view.width) / canvas.clientWidth;
    if (vma >= 0) {
      return vma;
    }
    const above = view.scale.vmaAt(place + reach);
    return above >= 0 ? above : view.scale.vmaAt(place - reach);
  }

  listenToPointer() {
    const { canvas, view } = this;
    let held = null;
    canvas.addEventListener("pointerdown", (event) => {
      held = { x: event.clientX, left: view.left, hasMoved: false };
      canvas.setPointerCapture(event.pointerId);
      canvas.classList.add("dragged");
    });
    canvas.addEventListener("pointermove", (event) => {
      if (held) {
        const moved = event.clientX - held.x;
        held.hasMoved ||= Math.abs(moved) > 3;
        if (held.hasMoved) {
          view.stop();
          view.set(held.left - (moved / canvas.clientWidth) * view.width, view.width);
        }
        return;
      }
      this.pointTo(event);
    });
    canvas.addEventListener("pointerup", (event) => {
      canvas.classList.remove("dragged");
      if (held && !held.hasMoved) {
        this.choose(this.vmaAt(event));
      }
      held = null;
    });
    canvas.addEventListener("pointercancel", () => {
      canvas.classList.remove("dragged");
      held = null;
    });
    canvas.addEventListener("pointerleave", () => this.point(-1, -1));
    canvas.addEventListener("dblclick", () => this.showVma(this.chosenVma));
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 18 : 1;
        const sideways = event.shiftKey && !event.deltaX ? event.deltaY : event.deltaX;
        if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
          view.panBy((sideways * lines) / canvas.clientWidth);
        } else {
          view.zoomAt(this.placeAt(event), Math.exp(event.deltaY * lines * WHEEL_SPEED));
        }
        this.pointTo(event);
      },
      { passive: false },
    );
  }

  // Moves the middle of the view to the pointer.
  listenToOverview() {
    const { overview, view } = this;
    const follow = (event) => {
      const box = overview.getBoundingClientRect();
      const place = ((event.clientX - box.left) / box.width) * view.scale.total;
      view.stop();
      view.set(place - view.width / 2, view.width);
    };
    overview.addEventListener("pointerdown", (event) => {
      overview.setPointerCapture(event.pointerId);
      follow(event);
    });
    overview.addEventListener("pointermove", (event) => event.buttons && follow(event));
  }

  // Points to a VMA, or to the hole below a VMA.
  pointTo(event) {
    const vma = this.vmaAt(event);
    this.point(vma, vma < 0 ? this.view.scale.holeAt(this.placeAt(event)) : -1);
  }

  point(vma, holeBelow) {
    if (vma !== this.pointedVma || holeBelow !== this.pointedHole) {
      this.pointedVma = vma;
      this.pointedHole = holeBelow;
      this.pointed(vma, holeBelow);
      this.refresh();
    }
  }

  choose(vma) {
    this.chosenVma = vma;
    this.chose(vma);
    this.refresh();
  }

  showVma(vma) {
    if (vma >= 0) {
      this.view.show(this.view.scale.starts[vma], this.view.scale.ends[vma]);
    }
  }

  showRange(start, end) {
    this.view.show(this.view.scale.placeOf(start), this.view.scale.placeOf(end));
  }

  // Zooms to a page: to the start of the chosen VMA, or to the middle of the view.
  zoomToOnePage() {
    const { view } = this;
    const units = view.scale.isBySize ? this.explanation.pageSize / 4096 : 1;
    const middle = view.left + view.width / 2;
    const place = this.chosenVma >= 0 ? view.scale.starts[this.chosenVma] : Math.floor(middle / units) * units;
    view.goTo(place, units);
  }

  // Chooses the VMA above or below, and scrolls to it if it is out of sight.
  stepTo(direction) {
    const { view } = this;
    const { count } = this.explanation.vmas;
    const from = this.chosenVma >= 0 ? this.chosenVma + direction : view.scale.firstFrom(view.left);
    if (from < 0 || from >= count) {
      return;
    }
    this.choose(from);
    if (view.scale.ends[from] > view.right || view.scale.starts[from] < view.left) {
      const middle = (view.scale.starts[from] + view.scale.ends[from]) / 2;
      view.goTo(middle - view.width / 2, view.width);
    }
  }

  press(event) {
    const { view } = this;
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (direction && event.shiftKey) {
      view.stepBy(direction * 0.25);
    } else if (direction) {
      this.stepTo(direction);
    } else if (event.key === "+" || event.key === "=") {
      view.zoomBy(0.5);
    } else if (event.key === "-") {
      view.zoomBy(2);
    } else if (event.key === "0" || event.key === "Home") {
      view.whole();
    } else if (event.key === "1") {
      this.zoomToOnePage();
    } else if (event.key === "Enter") {
      this.showVma(this.chosenVma);
    } else if (event.key === "Escape") {
      this.choose(-1);
    } else {
      return;
    }
    event.preventDefault();
  }
}
