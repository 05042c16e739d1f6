/* Keys of the review queue. They press real buttons and links and nothing else.
   <section data-queue tabindex="0"> ... <article data-item aria-current="true" tabindex="-1"> ... data-key="a"
   Active only while focus is inside [data-queue] and its data-keys is not "off" (WCAG 2.1.4). */
(() => {
  "use strict";
  const ONCE = new Set(["a", "A", "r", "x", "u", "v", "p"]);
  const OFF = "desk_keys=off";
  let place = 0;

  const items = (queue) => [...queue.querySelectorAll("[data-item]")];
  const current = (queue) => queue.querySelector('[data-item][aria-current="true"]');
  const waiting = (item) => !item.hasAttribute("data-outcome");

  const settle = (queue, item, focus = true) => {
    for (const other of items(queue)) other.removeAttribute("aria-current");
    item.setAttribute("aria-current", "true");
    place = items(queue).indexOf(item);
    if (focus) item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
  };
  const move = (queue, step) => {
    const all = items(queue);
    const next = all[all.indexOf(current(queue)) + step];
    if (next) settle(queue, next);
    return Boolean(next);
  };

  // event.code names the key on the keyboard, so a Chinese input method neither eats nor doubles it.
  const keyOf = (event) => {
    const { code, shiftKey } = event;
    if (code === "Slash") return shiftKey ? "?" : "/";
    if (/^(Digit|Numpad)[1-9]$/.test(code)) return shiftKey ? null : code.slice(-1);
    if (/^Key[A-Z]$/.test(code)) return shiftKey ? code.slice(-1) : code.slice(-1).toLowerCase();
    return null;
  };
  const find = (queue, key) => {
    const wanted = `[data-key="${key}"]`;
    const item = current(queue);
    const near = item && item.querySelector(wanted);
    if (near) return near;
    // What is not part of any item (undo bar, help, search) may stand elsewhere on the page.
    return [...queue.querySelectorAll(wanted), ...document.querySelectorAll(wanted)].find((found) => !found.closest("[data-item]"));
  };
  const press = (target) => {
    if (target.matches("input[type=search], input[type=text], textarea")) { target.focus(); return; }
    if (!target.matches("summary")) target.closest("details:not([open])")?.setAttribute("open", "");
    if (target.matches("summary")) target.focus();
    target.click();
  };

  document.addEventListener("keydown", (event) => {
    const from = event.target;
    const queue = from.closest?.("[data-queue]");
    if (!queue || queue.dataset.keys === "off" || document.cookie.split("; ").includes(OFF)) return;
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey || event.metaKey) return;
    if (from.matches("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]")) return;
    const key = keyOf(event);
    if (!key || (event.repeat && ONCE.has(key))) return;
    const target = find(queue, key);
    if ((key === "j" || key === "k") && move(queue, key === "j" ? 1 : -1)) event.preventDefault();
    else if (key === "s" && !target) { if (move(queue, 1)) event.preventDefault(); }
    else if (target) { event.preventDefault(); press(target); }
  });

  document.addEventListener("focusin", (event) => {
    const item = event.target.closest?.("[data-queue] [data-item]");
    if (item && item.getAttribute("aria-current") !== "true") settle(item.closest("[data-queue]"), item, false);
  });

  document.addEventListener("htmx:before:request", (event) => {
    const { sourceElement, request } = event.detail.ctx;
    if (request.method !== "GET") sourceElement.closest("[data-item]")?.classList.add("is-sent");
  });
  document.addEventListener("htmx:finally:request", (event) => {
    event.detail.ctx.sourceElement.closest?.("[data-item]")?.classList.remove("is-sent");
  });

  // After a decision the next waiting item is current; a refused one keeps the place and takes the focus itself.
  document.addEventListener("htmx:after:swap", () => {
    const queue = document.querySelector("[data-queue]");
    if (!queue) return;
    const held = document.activeElement === document.body || queue.contains(document.activeElement);
    const item = current(queue);
    if (item && waiting(item)) { if (held && !queue.contains(document.activeElement)) item.focus({ preventScroll: true }); return; }
    const all = items(queue);
    const next = all.slice(place).find(waiting) || all.find(waiting);
    if (next) settle(queue, next, held);
    else if (held) queue.focus({ preventScroll: true });
  });

  // The switch: the page remembers it in a cookie that the server also reads.
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-keys-switch]")) return;
    const off = document.cookie.split("; ").includes(OFF);
    document.cookie = `desk_keys=${off ? "on" : "off"}; path=/; max-age=31536000; samesite=lax`;
    event.target.closest("[data-keys-switch]").textContent = off ? "关闭快捷键" : "开启快捷键";
  });
})();
