/* Small helpers over plain HTML: every page works without this file.
   CSRF header, focus after a swap, one live region, busy buttons, the offline bar, copy buttons. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const on = (name, listener, target = document, capture = false) => target.addEventListener(name, listener, capture);
  const BUSY = "正在提交…";
  const PATIENCE = 20000;
  // What asks again by itself stays silent when the network does not answer.
  const silent = (element) => Boolean(element.closest("[data-poll], [hx-trigger*='every ']"));

  /* ---- announcing: one polite region for the whole page ---- */
  const say = (text) => {
    const region = $("#say");
    if (!region) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = text; }, 60);
  };

  /* ---- busy buttons and the double-submit guard ---- */
  const busy = (button) => {
    if (!button || button.ariaBusy === "true") return;
    button.dataset.label = button.innerHTML;
    button.ariaBusy = "true";
    button.textContent = button.dataset.busy || BUSY;
  };
  const idle = (form) => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy=true]")) {
      button.innerHTML = button.dataset.label;
      button.removeAttribute("aria-busy");
    }
  };
  on("submit", (event) => {
    const form = event.target;
    if (form.getAttribute("method")?.toLowerCase() !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    const plain = !form.hasAttribute("hx-post");
    if (plain && navigator.onLine === false) { event.preventDefault(); offline(() => form.requestSubmit(event.submitter)); return; }
    form.dataset.sent = "1";
    // The browser has read the pressed button's value before the next task.
    setTimeout(() => busy(event.submitter || $("button:not([type=button])", form)));
    // A file of twenty megabytes takes its time.
    const patience = form.enctype === "multipart/form-data" ? 15 * PATIENCE : PATIENCE;
    if (plain) setTimeout(() => { idle(form); if (form.isConnected) offline(() => form.requestSubmit(event.submitter)); }, patience);
  }, window, true);
  on("pageshow", (event) => { if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(idle); }, window);
  on("htmx:finally:request", (event) => {
    const form = event.detail.ctx.sourceElement.closest("form");
    if (form) idle(form);
  });

  /* ---- requests by htmx ---- */
  on("htmx:config:request", (event) => {
    const { request } = event.detail.ctx;
    if (request.method !== "GET") request.headers["X-CSRFToken"] = $("meta[name=csrf-token]")?.content ?? "";
  });
  // After signing in above a form that stayed: its fields, and everything sent from here on, carry the new token.
  const renew = () => {
    const fresh = $("[data-csrf]");
    if (!fresh) return;
    const token = fresh.dataset.csrf;
    fresh.remove();
    const meta = $("meta[name=csrf-token]");
    if (meta) meta.content = token;
    for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
  };
  // Trouble is shown above the page and what was typed stays. A view's own 409 and 422 belong in their own place.
  on("htmx:response:error", (event) => {
    const { ctx } = event.detail;
    if (silent(ctx.sourceElement)) { Object.assign(ctx.hx, { retarget: "#problem", reswap: "none" }); return; }
    if (!$("#problem") || (!ctx.hx.retarget && [409, 422].includes(ctx.response.status))) return;
    if (ctx.hx.retarget && ctx.hx.retarget !== "#problem") return;
    Object.assign(ctx.hx, { retarget: "#problem", reswap: "innerHTML" });
    ctx.push = ctx.replace = ctx.select = null;
    delete ctx.hx.pushurl;
  });
  on("htmx:after:swap", (event) => {
    const problem = $("#problem");
    const ctx = event.detail.ctx;
    // A form that was swapped away counts as the place it stood in.
    if (problem && ctx && (ctx.hx?.retarget === "#problem" || problem.contains(ctx.sourceElement))) problem.scrollIntoView({ block: "nearest" });
    else if (ctx && !silent(ctx.sourceElement)) problem?.replaceChildren();
    renew();
    const place = $("[data-focus]");
    if (place) {
      place.removeAttribute("data-focus");
      place.focus();
    }
    const wrong = Boolean($(".error-summary"));
    document.title = document.title.replace(/^错误：/, "");
    if (wrong) document.title = "错误：" + document.title;
  });
  on("htmx:after:settle", () => {
    const toast = $("#toasts .toast:not([data-said])");
    if (toast) { toast.dataset.said = "1"; say($(".toast-text", toast).textContent); }
  });

  /* ---- network ---- */
  let again = null;
  const offline = (retry) => {
    again = retry;
    const bar = $("#offline");
    if (bar) { bar.hidden = false; say(bar.textContent); }
  };
  on("htmx:error", (event) => {
    const { ctx, error } = event.detail;
    if (!ctx || !(error instanceof TypeError || ["AbortError", "TimeoutError"].includes(error?.name) || error === "timeout")) return;
    const source = ctx.sourceElement;
    if (silent(source)) return;
    const { type, submitter } = ctx.sourceEvent ?? {};
    // A draft says so where it otherwise says that it is kept, and tries again by itself.
    const draft = source.matches("[hx-target='#kept']");
    if (draft) $("#kept").textContent = "网络断了，刚填的还没有保存。连上网会自动保存。";
    offline(() => {
      if (source.matches("form") && (!type || type === "submit")) source.requestSubmit(submitter);
      else if (type && type !== "click") source.dispatchEvent(new Event(type, { bubbles: true }));
      else source.click();
    });
    again.byItself = draft;
  });
  on("htmx:before:response", () => { const bar = $("#offline"); if (bar) bar.hidden = true; });
  on("online", () => {
    if (again?.byItself) $("#offline [data-retry]")?.click();
    else if (again) say("网络已恢复，可以重试。");
  }, window);

  /* ---- clicks ---- */
  const copy = async (text) => {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* plain http or an old browser */ }
    const box = document.createElement("textarea");
    box.value = text;
    box.className = "visually-hidden";
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    return done;
  };
  on("click", async (event) => {
    const target = event.target.closest?.("[data-copy], [data-close], [data-retry], [data-print]");
    if (!target) return;
    if (target.matches("[data-print]")) window.print();
    else if (target.matches("[data-close]")) target.closest(".toast, .notice-box, details")?.remove();
    else if (target.matches("[data-retry]")) {
      $("#offline").hidden = true;
      const retry = again;
      again = null;
      retry ? retry() : location.reload();
    } else {
      const from = target.dataset.copy;
      const source = from.startsWith("#") ? $(from) : null;
      const label = target.innerHTML;
      const done = await copy(source ? (source.value ?? source.innerText).trim() : from);
      target.textContent = done ? "已复制" : "请长按文字复制";
      say(target.textContent);
      setTimeout(() => { target.innerHTML = label; }, 2000);
    }
  });
  on("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    const here = event.target.closest?.(".dialog-here");
    if (here) { closeDialog(here); return; }
    const open = event.target.closest?.("details[open]");
    if (open) { open.open = false; $("summary", open)?.focus(); }
  });
  // A question opened in its place (parts/_dialog.html) closes there, and the focus goes back to what opened it.
  const closeDialog = (here) => {
    here.replaceChildren();
    $("[data-dialog]", here.parentElement)?.focus();
  };
  on("click", (event) => {
    const here = event.target.closest?.("[data-dialog-close]")?.closest(".dialog-here");
    if (here) { event.preventDefault(); closeDialog(here); }
  });
  on("change", (event) => {
    const all = event.target.closest?.("[data-check-all]");
    if (all) all.closest("form").querySelectorAll(`[name="${all.dataset.checkAll}"]`).forEach((box) => { box.checked = all.checked; });
  });

  // A browser leaves a link in a sideways strip half hidden when it gets the focus.
  const STRIPS = ".side-groups, .nav ul, .tabs";
  on("focusin", (event) => {
    if (event.target.closest?.(STRIPS)) event.target.scrollIntoView({ block: "nearest", inline: "center" });
  });

  /* ---- on load ---- */
  const start = () => {
    $("[data-focus]")?.focus();
    // The answer to what has not come opens when it should have come.
    const late = $("[data-later] details");
    if (late) setTimeout(() => { late.open = true; say(late.textContent); }, late.closest("[data-later]").dataset.later * 1000);
    const here = $(".side [aria-current], .nav [aria-current], .tabs [aria-current]");
    const strip = here?.closest(STRIPS);
    if (strip && strip.scrollWidth > strip.clientWidth) strip.scrollLeft = here.offsetLeft - 24;
  };
  // The site as an app on the phone: the worker comes when the page is there, and has the page without a network ready.
  on("load", () => navigator.serviceWorker?.register("/service-worker.js").catch(() => {}), window);
  on("online", () => { if ($("[data-without-network]")) location.reload(); }, window);
  document.readyState === "loading" ? on("DOMContentLoaded", start) : start();
})();
