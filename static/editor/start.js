// Turns the textarea marked data-rich into a rich-text editor. Without this script the textarea itself is the editor.
(function () {
  "use strict";
  var area = document.querySelector("textarea[data-rich]");
  if (!area || !window.wangEditor) return;
  var frame = document.createElement("div");
  var bar = document.createElement("div");
  var sheet = document.createElement("div");
  frame.className = "editor";
  bar.className = "editor-bar";
  sheet.className = "editor-sheet";
  frame.append(bar, sheet);
  area.before(frame);
  area.hidden = true;
  var editor = window.wangEditor.createEditor({
    selector: sheet,
    html: area.value,
    config: {
      placeholder: "在这里写正文",
      autoFocus: false,
      onChange: function (changed) {
        area.value = changed.isEmpty() ? "" : changed.getHtml();
      },
    },
    mode: "simple",
  });
  window.wangEditor.createToolbar({
    editor: editor,
    selector: bar,
    config: {
      toolbarKeys: [
        "headerSelect", "bold", "underline", "blockquote", "|", "bulletedList", "numberedList", "|",
        "insertLink", "insertTable", "divider", "|", "undo", "redo", "clearStyle",
      ],
    },
    mode: "simple",
  });
  // The editor names its buttons by a hint only, and its sheet by a role that there is not.
  new MutationObserver(function () {
    bar.querySelectorAll("button[data-tooltip]:not([aria-label])").forEach(function (button) {
      if (!button.textContent.trim()) button.setAttribute("aria-label", button.dataset.tooltip.split("\n")[0]);
    });
  }).observe(bar, { childList: true, subtree: true });
  // Tab leaves the sheet as it leaves any field: the editor would keep it, and with it whoever has no mouse.
  sheet.addEventListener("keydown", function (event) {
    if (event.key === "Tab") event.stopImmediatePropagation();
  }, true);
  var text = sheet.querySelector("[contenteditable]");
  var label = document.querySelector('label[for="' + area.id + '"]');
  text.setAttribute("role", "textbox");
  text.setAttribute("aria-multiline", "true");
  if (label) text.setAttribute("aria-label", label.textContent.trim());
  // The label and the error summary point at the textarea; they lead to the editor now.
  document.querySelectorAll('label[for="' + area.id + '"], a[href="#' + area.id + '"]').forEach(function (way) {
    way.addEventListener("click", function (event) {
      event.preventDefault();
      editor.focus();
    });
  });
})();
