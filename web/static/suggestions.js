// Suggestions while a question is typed: a combobox as the ARIA Authoring Practices describe it (list
// autocomplete with manual selection). Without this file the form is a plain one.
"use strict";

const WAIT = 60; // ms without a key before asking
const KEPT = 200; // answers

for (const input of document.querySelectorAll("input[data-suggestions]")) combobox(input);

function combobox(input) {
  const list = element("ul", { id: `${input.id}-suggestions`, class: "suggestions", role: "listbox" });
  list.setAttribute("aria-label", input.dataset.label);
  const status = element("div", { class: "hidden", role: "status" });
  list.hidden = true;
  input.parentElement.append(list);
  input.form.append(status);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-haspopup": "listbox",
    "aria-controls": list.id,
    "aria-expanded": "false",
  })) input.setAttribute(name, value);

  const answers = new Map(); // typed -> suggestions
  let active = -1; // place of the option that the arrow keys are on
  let timer = 0;
  let asked = null; // AbortController of the request under way

  function show(suggestions) {
    list.replaceChildren(...suggestions.map(option));
    list.hidden = suggestions.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = list.hidden
      ? input.dataset.none
      : input.dataset.count.replace("{n}", suggestions.length);
    point(-1);
  }

  function close() {
    clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    status.textContent = "";
    point(-1);
  }

  function option(suggestion, place) {
    const item = element("li", { id: `${list.id}-${place}`, role: "option", "aria-selected": "false" });
    const text = element("span", { class: "suggestion-text" }, suggestion.text);
    if (suggestion.language !== document.documentElement.lang) text.lang = suggestion.language;
    item.append(text);
    const beside = suggestion.thing?.code ?? suggestion.said;
    if (beside) {
      const of = element("span", { class: "suggestion-of" }, beside);
      if (suggestion.said) of.lang = suggestion.language;
      item.append(" ", of);
    }
    item.addEventListener("click", () => choose(suggestion.text));
    return item;
  }

  function point(place) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = place;
    const item = list.children[active];
    if (!item) return input.removeAttribute("aria-activedescendant");
    item.setAttribute("aria-selected", "true");
    item.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", item.id);
  }

  function choose(text) {
    close();
    input.value = text;
    input.form.requestSubmit();
  }

  async function ask() {
    asked?.abort();
    const typed = input.value.trim();
    if (!typed) return close();
    if (!answers.has(typed)) {
      asked = new AbortController();
      try {
        const address = new URL(input.dataset.suggestions, location.href);
        address.searchParams.set("q", typed);
        const answer = await fetch(address, { signal: asked.signal });
        if (!answer.ok) return close();
        if (answers.size >= KEPT) answers.clear();
        answers.set(typed, (await answer.json()).suggestions);
      } catch (error) {
        if (error.name !== "AbortError") close(); // offline: the form still sends what is typed
        return;
      }
    }
    if (document.activeElement === input && input.value.trim() === typed) show(answers.get(typed));
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus

  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const last = list.children.length - 1;
    if (list.hidden) {
      if (event.key === "ArrowDown") ask();
      return;
    }
    if (event.key === "ArrowDown") point(active < last ? active + 1 : -1);
    else if (event.key === "ArrowUp") point(active < 0 ? last : active - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && active >= 0) list.children[active].click();
    else return;
    event.preventDefault();
  });
}

function element(name, attributes, text = "") {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.textContent = text;
  return made;
}
