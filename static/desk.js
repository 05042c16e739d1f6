/* The review desk: keys, the next card before it is asked for, decisions that show at once and are put right honestly.
   <section data-queue> holds the list (#desk-list), one card (<article data-item id="card" data-id data-url data-next>)
   and forms <form data-decide="已通过">. Every key presses a real button, link or summary: data-key="a".
   Keys count only while focus is inside [data-queue]; the server leaves data-key out when they are switched off. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const queue = () => $("[data-queue]");
  const card = () => $("#card");
  const rowOf = (id) => document.getElementById(`row-${id}`);
  const idOf = (url) => url.split("?")[0].split("/").pop();
  const TYPING = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
  const FRESH = 60000, PATIENCE = 15000, BEAT = 20000, FORGOTTEN = 600000, UNDO_STEP = 10;
  const say = (text) => { const region = $("#say"); if (region) { region.textContent = ""; setTimeout(() => { region.textContent = text; }, 60); } };

  /* ---- asking the server for a part of the desk ---- */
  const ask = (url, part, options = {}) =>
    fetch(url, {
      credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE), ...options,
      headers: { "HX-Request": "true", "HX-Target": part, "X-CSRFToken": $("meta[name=csrf-token]")?.content ?? "" },
    });
  const parse = (html) => { const holder = document.createElement("template"); holder.innerHTML = html; return holder.content; };
  const replace = (old, fresh) => { if (old && fresh) { old.replaceWith(fresh); htmx.process(fresh); } };

  /* ---- cards, fetched before they are asked for ---- */
  const ready = new Map();
  const fetched = async (url) => {
    const answer = await ask(url, "article#card");
    if (!answer.ok || answer.redirected) throw new Error("no card");
    return answer.text();
  };
  const get = (url) => {
    const kept = ready.get(url);
    if (kept && Date.now() - kept.at < FRESH) return kept.html;
    const html = fetched(url);
    html.catch(() => ready.delete(url));
    ready.set(url, { html, at: Date.now() });
    return html;
  };
  const fetchNext = () => {
    const next = card()?.dataset.next;
    for (const url of ready.keys()) if (url !== next) ready.delete(url);
    if (next) get(next).catch(() => {});
  };

  /* ---- showing a card ---- */
  let wish = 0;
  const arrived = (focus = true) => {
    const item = card();
    if (!item) return;
    for (const link of document.querySelectorAll("#desk-list [data-current], #desk-list [aria-current]")) {
      link.removeAttribute("data-current");
      link.removeAttribute("aria-current");
    }
    const row = rowOf(item.dataset.id);
    if (row) {
      row.dataset.current = "";
      $("a", row).setAttribute("aria-current", "true");
      const list = row.closest(".desk-list");
      if (list.scrollHeight > list.clientHeight) row.scrollIntoView({ block: "nearest" });
    }
    if (focus) item.focus({ preventScroll: true });
    const top = item.getBoundingClientRect().top;
    if (top < 0 || top > innerHeight / 2) item.scrollIntoView({ block: "start" });
    history.replaceState(null, "", item.dataset.url);
    fetchNext();
    watch();
  };
  const put = (fresh) => { replace(card(), fresh); arrived(); };
  const go = async (url) => {
    const mine = ++wish;
    try {
      const html = await get(url);
      if (mine !== wish) return;
      put($("#card", parse(html)));
      if (!rowOf(idOf(url)) && !$("#desk-list [data-outcome]")) await list(url);
    } catch { location.assign(url); }
  };
  const list = async (url) => {
    const answer = await ask(url, "div#desk-list");
    if (answer.ok) { replace($("#desk-list"), $("#desk-list", parse(await answer.text()))); arrived(false); }
  };
  /* Nothing follows: what was sent is waited for, then the desk is asked what is left. */
  const whole = async () => {
    const mine = ++wish;
    await chain;
    if (mine !== wish) return;
    const url = $("#desk-lanes [aria-current]")?.href ?? location.pathname.replace(/\/[^/]*$/, "");
    try {
      const answer = await ask(url, "section#desk");
      if (!answer.ok || answer.redirected) throw new Error("no desk");
      const fresh = parse(await answer.text());
      const desk = $("#desk", fresh);
      replace(queue(), desk);
      history.replaceState(null, "", url);
      sent.clear();
      if (card()) arrived(); else queue().focus({ preventScroll: true });
    } catch { location.assign(url); }
  };

  /* ---- deciding: shown at once, sent one after the other, put right when the server says otherwise ---- */
  const sent = new Set();
  let chain = Promise.resolve();
  const mark = (row, outcome) => {
    if (!row) return;
    row.dataset.outcome = outcome ? "sent" : "";
    if (!outcome) row.removeAttribute("data-outcome");
    $(".row-outcome", row).textContent = outcome ?? "";
  };
  const idle = (form) => document.dispatchEvent(new CustomEvent("htmx:finally:request", { detail: { ctx: { sourceElement: form } } }));
  const decide = (form, button) => {
    const item = card(), row = rowOf(item.dataset.id), next = item.dataset.next;
    if (item.classList.contains("is-sent")) return;
    const body = new URLSearchParams(new FormData(form, button));
    item.classList.add("is-sent");
    sent.add(item.dataset.id);
    mark(row, `✓ ${form.dataset.decide}`);
    chain = chain.then(() => send({ form, item, body })).catch(() => {});
    if (next && !sent.has(idOf(next))) go(next);
    else whole();
  };
  const send = async (tried) => {
    let answer, html;
    try {
      answer = await ask(tried.form.action, "div#desk-head", { method: "POST", body: tried.body });
      html = await answer.text();
    } catch (error) {
      lost(tried, error.name === "TimeoutError" ? "服务器很久没有回答，不知道这一条办成没有，请再按一次。" : "网络不稳，这一条没有送出，请再按一次。");
      return;
    }
    if (answer.redirected || answer.status === 401) location.reload();
    else if (answer.ok) accepted(html);
    else refused(tried, answer, html);
  };
  const accepted = (html) => {
    const parts = parse(html);
    for (const id of ["desk-head", "desk-lanes", "toasts"]) replace(document.getElementById(id), parts.getElementById(id));
    $("#toasts [hx-swap-oob]")?.removeAttribute("hx-swap-oob");
    count();
    const text = $("#toasts .toast-text");
    if (text) say(text.textContent);
  };
  const refused = (tried, answer, html) => {
    const fresh = $("#card", parse(html));
    if (fresh) { lost(tried, $("[data-lost], .error-summary li", fresh)?.textContent.trim() ?? "", fresh); return; }
    const seconds = answer.headers.get("Retry-After");
    const wait = answer.status === 429 ? `操作太快了，请过 ${seconds ?? "几"} 秒再按一次。` : "服务器出了问题，这一条没有办成，请再按一次。";
    lost(tried, wait);
  };
  /* The row comes back with the reason, and so does the card, unless somebody is in the middle of typing on another. */
  const lost = ({ item, form }, text, fresh) => {
    const row = rowOf(item.dataset.id);
    sent.delete(item.dataset.id);
    ready.clear();
    mark(row, null);
    if (row) { row.dataset.lost = ""; $(".row-outcome", row).textContent = text; }
    say(text);
    const shown = card();
    if (shown && shown !== item && document.activeElement?.matches("textarea, input[type=text]") && shown.contains(document.activeElement)) return;
    wish += 1;
    if (!shown) { location.assign(item.dataset.url); return; }
    item.classList.remove("is-sent");
    idle(form);
    if (!fresh) {
      $(":scope > .desk-trouble", item)?.remove();
      const box = document.createElement("div");
      Object.assign(box, { className: "notice-box desk-trouble", tabIndex: -1, textContent: text });
      box.dataset.tone = "stop";
      item.prepend(box);
    }
    const now = fresh ?? item;
    if (shown !== now) replace(shown, now);
    arrived(false);
    const place = $("[data-focus], .desk-trouble", now) ?? now;
    place.removeAttribute("data-focus");
    place.focus();
  };

  addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-decide]");
    if (!form || !queue()?.contains(form) || event.defaultPrevented) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    decide(form, event.submitter);
  }, true);
  /* A sheet: its rows are ticked off at once; htmx brings the answer, and what failed comes back by itself. */
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-sheet]");
    if (form) for (const box of form.querySelectorAll("[name=pick]:checked")) mark(box.closest("li"), "✓ 已通过");
  });
  document.addEventListener("htmx:finally:request", (event) => {
    const form = event.detail.ctx.sourceElement?.closest?.("form[data-sheet]");
    if (form?.isConnected) for (const row of form.querySelectorAll("[data-outcome]")) mark(row, null);
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (!queue()) return;
    if (event.detail.ctx?.sourceElement?.closest?.("#card")) { $("#reveal input:not([type=hidden]), #reveal .mono")?.focus(); return; }
    ready.clear();
    sent.clear();
    count();
    const at = document.activeElement;
    if (!card() || at?.matches(TYPING)) return;
    const taken = at?.closest(".notice-box, .error-summary");
    arrived(!taken && (at === document.body || queue().contains(at)));
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-card-link]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(link.getAttribute("href"));
  });

  // A panel that opens below the fold is brought up whole.
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("[data-panel][open]")) $(".panel-body", event.target).scrollIntoView({ block: "nearest" });
  }, true);

  /* ---- undo: the text counts down each ten seconds, the button stays; when it is too late the server says so ---- */
  let counting = 0;
  const count = () => {
    const left = $("#toasts [data-undo-left]");
    clearInterval(counting);
    if (!left) return;
    counting = setInterval(() => {
      const seconds = Number(left.dataset.undoLeft) - UNDO_STEP;
      left.dataset.undoLeft = seconds;
      left.textContent = seconds > 0 ? `${seconds} 秒` : "时间已到";
      if (seconds <= 0) clearInterval(counting);
    }, UNDO_STEP * 1000);
  };

  /* ---- “正在看”: said while the card is open and somebody is at the keyboard ---- */
  let beating = 0, alive = Date.now();
  const beat = async () => {
    const item = card();
    if (!item || document.hidden || Date.now() - alive > FORGOTTEN) return;
    try {
      const answer = await ask(item.dataset.beat, "", { method: "POST" });
      const place = $("[data-watchers]", item);
      if (answer.status === 200 && place) place.innerHTML = await answer.text();
    } catch { /* advice only: nobody needs to know that it did not come */ }
  };
  const watch = () => {
    clearTimeout(beating);
    const again = () => { beat(); beating = setTimeout(again, BEAT); };
    beating = setTimeout(again, 1500);
  };
  for (const sign of ["keydown", "pointerdown"]) addEventListener(sign, () => { alive = Date.now(); }, { passive: true });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) watch(); });

  /* ---- keys ---- */
  // event.code names the key on the keyboard, so a Chinese input method neither eats nor doubles it.
  const keyOf = ({ code, shiftKey }) => {
    if (code === "Slash") return shiftKey ? "?" : "/";
    if (/^(Digit|Numpad)[1-9]$/.test(code)) return shiftKey ? null : code.slice(-1);
    if (/^Key[A-Z]$/.test(code)) return shiftKey ? code.slice(-1) : code.slice(-1).toLowerCase();
    return null;
  };
  const visible = (found) => {
    const shut = found.closest("details:not([open])");
    return !shut || (found.matches("summary") && found.parentElement === shut && !shut.parentElement.closest("details:not([open])"));
  };
  const find = (key) => [...queue().querySelectorAll(`[data-key="${key}"]`), ...document.querySelectorAll(`#toasts [data-key="${key}"], .flash [data-key="${key}"]`)].find(visible);
  const press = (target) => {
    if (target.matches("input, textarea")) { target.focus(); target.select(); return; }
    target.click();
    const panel = target.matches("summary") ? target.parentElement : null;
    if (panel?.dataset.panel === "pass" && panel.open) $("textarea", panel).focus();
    else if (panel) target.focus({ preventScroll: true });
  };
  document.addEventListener("keydown", (event) => {
    const from = event.target;
    if (!from.closest?.("[data-queue]") || event.isComposing || event.keyCode === 229) return;
    if (event.ctrlKey || event.altKey || event.metaKey || from.matches(TYPING)) return;
    const key = keyOf(event);
    const target = key && find(key);
    if (!target) return;
    event.preventDefault();
    if (!event.repeat || target.matches("[data-card-link]")) press(target);
  });
  // Half a word of an input method is not searched for.
  document.addEventListener("input", (event) => { if (event.target.id === "desk-q" && event.isComposing) event.stopImmediatePropagation(); }, true);
  document.addEventListener("compositionend", (event) => { if (event.target.id === "desk-q") event.target.dispatchEvent(new Event("input", { bubbles: true })); });

  const start = () => {
    if (!queue()) return;
    count();
    arrived(document.activeElement === document.body && !location.hash);
  };
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
})();
