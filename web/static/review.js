// Keys for what the page's links and buttons do. Everything works without this file.
"use strict";

const KEEP = "shirube.review.keys";
const keys = document.getElementById("keys-switch");

function areOn() {
  try {
    return localStorage.getItem(KEEP) !== "off";
  } catch {
    return true; // nothing is kept here: the switch lasts as long as the page
  }
}

if (keys) {
  const box = keys.querySelector("input");
  keys.hidden = false;
  box.checked = areOn();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(KEEP, box.checked ? "on" : "off");
    } catch {
      // as above
    }
  });
  document.addEventListener("keydown", (event) => {
    if (!box.checked || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
    const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target) return;
    event.preventDefault();
    target.click();
    const details = target.closest("summary")?.parentElement;
    if (details?.open) details.querySelector("select, textarea").focus();
  });
}
