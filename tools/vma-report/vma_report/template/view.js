// SPDX-License-Identifier: GPL-2.0

// The part of the scale that is shown: `left` and `width`. The smallest part is one unit: a page or a VMA.

const SMALLEST = 1;
const STEP_MILLISECONDS = 180;

class View {
  constructor(scale, changed) {
    this.changed = changed;
    this.setScale(scale);
  }

  setScale(scale) {
    this.scale = scale;
    this.stop();
    this.set(0, scale.total);
  }

  set(left, width) {
    Object.assign(this, this.within(left, width));
    this.changed();
  }

  // Returns the nearest part that can be shown.
  within(left, width) {
    const possible = Math.min(Math.max(width, SMALLEST), this.scale.total);
    return {
      left: Math.min(Math.max(left, 0), this.scale.total - possible),
      width: possible,
    };
  }

  get right() {
    return this.left + this.width;
  }

  // Zooms so that the place stays where it is on the screen.
  zoomAt(place, factor) {
    this.stop();
    const { width } = this.within(0, this.width * factor);
    this.set(place - ((place - this.left) / this.width) * width, width);
  }

  panBy(part) {
    this.stop();
    this.set(this.left + part * this.width, this.width);
  }

  whole() {
    this.goTo(0, this.scale.total);
  }

  zoomBy(factor) {
    const target = this.target ?? this;
    const { width } = this.within(0, target.width * factor);
    this.goTo(target.left + (target.width - width) / 2, width);
  }

  stepBy(part) {
    const target = this.target ?? this;
    this.goTo(target.left + part * target.width, target.width);
  }

  show(from, to) {
    const margin = (to - from) * 0.25;
    this.goTo(from - margin, to - from + 2 * margin);
  }

  // Goes to a part of the scale: at once if the user prefers reduced motion, otherwise in a smooth
  // movement, in which the width changes by the same factor in each frame.
  goTo(left, width) {
    this.stop();
    const end = this.within(left, width);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.set(end.left, end.width);
      return;
    }
    this.target = end;
    const start = { left: this.left, width: this.width };
    const begun = performance.now();
    const move = (now) => {
      const time = Math.min(Math.max((now - begun) / STEP_MILLISECONDS, 0), 1);
      if (time === 1) {
        this.target = null;
        this.set(end.left, end.width);
        return;
      }
      const nextWidth = start.width * (end.width / start.width) ** time;
      // The fraction of the way for the left edge at this width.
      const way = end.width === start.width ? time : (nextWidth - start.width) / (end.width - start.width);
      this.set(start.left + (end.left - start.left) * way, nextWidth);
      this.frame = requestAnimationFrame(move);
    };
    this.frame = requestAnimationFrame(move);
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.target = null;
  }
}
