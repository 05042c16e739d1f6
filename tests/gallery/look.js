// What is measured in a page. Every function answers a list of sentences; an empty list is a good page.
globalThis.__look = {
  // axe's findings: [rule, element, why]
  axe: (options, where = document) =>
    axe.run(where, options).then((found) =>
      found.violations.flatMap((rule) =>
        rule.nodes.map((node) => [rule.id, node.target.join(" "), node.failureSummary.split("\n").slice(1).join(";")]),
      ),
    ),

  // The same of the elements alone that could not be seen when `remember` was called: colours do not change with the width.
  axeOfNew: async (options) => {
    const fresh = [...document.body.querySelectorAll("*")].filter((one) => one.checkVisibility() && !__look.seen.has(one));
    const tops = fresh.filter((one) => !fresh.includes(one.parentElement));
    return tops.length ? __look.axe(options, { include: tops }) : [];
  },
  remember: () => {
    __look.seen = new WeakSet([...document.body.querySelectorAll("*")].filter((one) => one.checkVisibility()));
    return [];
  },

  // The page is wider than the window.
  overflow: () => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const boxed = (element) => element && (getComputedStyle(element).overflowX !== "visible" || boxed(element.parentElement));
    const wide = [...document.body.querySelectorAll("*")].filter(
      (element) => element.getBoundingClientRect().right > root.clientWidth + 1 && !boxed(element.parentElement),
    );
    return [`${root.scrollWidth} > ${root.clientWidth}: ${wide.slice(0, 3).map(__look.name).join(" | ")}`];
  },

  // What has the focus and cannot be seen: under a bar, outside the window, or without a ring.
  hiddenFocus: () => {
    const lost = [];
    const stops = 'a[href]:not([tabindex="-1"]), button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
    for (const element of document.querySelectorAll(stops)) {
      if (element.disabled || !element.checkVisibility()) continue;
      element.focus({ focusVisible: true });
      if (document.activeElement !== element) continue;
      const unseen = __look.unseen(element);
      if (unseen) lost.push(unseen);
    }
    document.activeElement.blur();
    scrollTo(0, 0);
    return lost;
  },
  // Why the element that has the focus cannot be seen; nothing when it can.
  unseen: (element) => {
    const box = element.getClientRects()[0];
    if (!box) return `${__look.name(element)} has no box`;
    const middle = (from, to, room) => (Math.max(from, 0) + Math.min(to, room)) / 2;
    const x = middle(box.left, box.right, innerWidth);
    const y = middle(box.top, box.bottom, innerHeight);
    const above = document.elementFromPoint(x, y);
    const labels = [...(element.labels || [])];
    const seen = above && [element, ...labels].some((one) => one.contains(above) || above.contains(element));
    // What the reader has opened may lie over the page: Escape takes it away without moving the focus.
    if (!seen && above && above.closest("details[open][data-panel]")) return "";
    if (!seen) return `${__look.name(element)} under ${above ? __look.name(above) : "nothing"}`;
    return labels.concat(element).some(__look.ringed) ? "" : `${__look.name(element)} has no ring`;
  },
  ringed: (element) => {
    const style = getComputedStyle(element);
    const before = getComputedStyle(element, "::before");
    const drawn = [...element.querySelectorAll("path, rect")].some((shape) => parseFloat(getComputedStyle(shape).strokeWidth) > 3);
    return drawn || [style, before].some((one) => one.outlineStyle !== "none" || one.boxShadow !== "none");
  },

  // Main buttons that a thumb misses.
  small: (least) =>
    [...document.querySelectorAll(".btn-primary, .btn-good, .btn-danger, form .btn[type=submit]:not(.btn-link)")]
      .filter((button) => button.checkVisibility() && button.getBoundingClientRect().height < least)
      .map(__look.name),

  name: (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 110),
};
