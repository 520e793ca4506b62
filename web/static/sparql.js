// The SPARQL page with JavaScript: YASGUI's editor in the place of the text box, answers and errors
// without leaving the page. They are taken from the page that the server makes for everybody, so
// without this file (or when it fails) nothing is missing but comfort.
/* global Yasqe */
import { suggest } from "./sparql-completion.js";

const PREFERENCE = "shirube.sparql.plain"; // "1" for readers who have chosen the text box
const SWAPPED = ["sparql-problem", "sparql-answer"];

const element = (id) => document.getElementById(id);
const form = element("sparql-form");
const box = form.elements.query;
const buttons = Object.fromEntries(
  ["stop", "complete", "share", "switch"].map((name) => [name, element(`sparql-${name}`)]),
);
const texts = JSON.parse(element("sparql-texts").textContent);
const language = document.documentElement.lang;
const filled = (key, values) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

let yasqe = null; // made when first wanted
let editor = null; // the CodeMirror in it, which draws; YASQE is a copy that knows SPARQL
let holder = null;
let ask = () => false; // for suggestions, once the terms are here
let running = null; // what stops the request under way
let marks = [];

const query = () => (editor && !holder.hidden ? editor.getValue() : box.value);
const narrow = () => matchMedia("(max-width: 47.99rem)").matches;

function setQuery(text) {
  box.value = text;
  if (editor && editor.getValue() !== text) editor.setValue(text);
}

function say(text) {
  element("sparql-status").textContent = text;
}

// Addresses: short queries in the address as any client sends them; long ones after the #, which
// no server or proxy sees, and to the server in a body.

function parameters() {
  box.value = query();
  return new URLSearchParams(new FormData(form));
}

function addressOf(values) {
  const address = `${form.getAttribute("action")}?${values}`;
  if (address.length <= Number(form.dataset.longestLink)) return { address };
  const text = values.get("query");
  values.delete("query");
  const rest = String(values) ? `?${values}` : "";
  return {
    address: `${form.getAttribute("action")}${rest}#query=${encodeURIComponent(text)}`,
    long: text,
  };
}

function queryAfterHash() {
  return new URLSearchParams(location.hash.slice(1)).get("query");
}

// Running

function run() {
  const { address, long } = addressOf(parameters());
  return visit(address, long);
}

/** Ask for the page at `address` and show its answer; `long` is a query that goes in the body. */
async function visit(address, long, remember = true) {
  running?.abort();
  const control = (running = new AbortController());
  const started = performance.now();
  const options = { headers: { Accept: "text/html" }, signal: control.signal };
  if (long !== undefined) {
    const values = parameters();
    values.set("query", long);
    Object.assign(options, { method: "POST", body: values });
  }
  say(texts.running);
  buttons.stop.hidden = false;
  form.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address.split("#")[0], options);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!page.getElementById("sparql-answer")) {
      say(filled("unreadable", { status: response.status }));
      return;
    }
    if (remember) history.pushState({}, "", address);
    show(page, (performance.now() - started) / 1000);
  } catch (error) {
    if (control === running) say(error.name === "AbortError" ? texts.stopped : texts.unreachable);
  } finally {
    if (control === running) {
      running = null;
      buttons.stop.hidden = true;
      form.removeAttribute("aria-busy");
    }
  }
}

function show(page, seconds) {
  for (const id of SWAPPED) element(id).replaceChildren(...page.getElementById(id).childNodes);
  setQuery(page.getElementById("query").value);
  keepLanguageLinks(page);
  const result = element("result");
  const failed = element("sparql-error");
  const heading = result?.textContent.replace(/\s+/g, " ").trim();
  if (result) say(filled("done", { result: heading, seconds: seconds.toFixed(2) }));
  else say(failed ? texts.failed : "");
  markError();
  if (narrow()) element("sparql-examples").open = false;
  const target = failed ?? result;
  if (target && target.getBoundingClientRect().top > innerHeight * 0.85) {
    target.scrollIntoView({ block: failed ? "center" : "start" });
  }
}

/** The links to this page in the other language follow the query. */
function keepLanguageLinks(page) {
  const links = (where) => where.querySelectorAll(".language a, link[rel=alternate][hreflang]");
  const fresh = [...links(page)];
  const hash = queryAfterHash() === null ? "" : location.hash;
  links(document).forEach((link, index) => {
    link.setAttribute("href", fresh[index].getAttribute("href") + hash);
  });
}

// The editor

function makeEditor() {
  holder = document.createElement("div");
  holder.className = "sparql-editor";
  box.after(holder);
  Yasqe.defaults.autocompleters = ["variables"]; // those that ask other hosts are left out
  yasqe = new Yasqe(holder, {
    value: box.value,
    requestConfig: { endpoint: form.action },
    persistenceId: null, // the address holds the query
    createShareableLink: null,
    consumeShareLink: null,
    showQueryButton: false,
    resizeable: false,
    editorHeight: "auto",
    syntaxErrorCheck: false, // its tooltip needs inline styles, which our policy forbids
    viewportMargin: 500, // lines beyond the window that are there to be printed
    tabSize: 2,
    indentUnit: 2,
    screenReaderLabel: texts.editor,
    extraKeys: {
      "Ctrl-Enter": run,
      "Cmd-Enter": run,
      "Ctrl-Space": complete,
      Esc: () => form.querySelector("[type=submit]").focus(),
      Tab: false, // Tab moves on, as everywhere (WCAG 2.1.2)
      "Shift-Tab": false,
      "Ctrl-S": false,
      "Shift-Ctrl-F": false,
    },
  });
  editor = yasqe.getWrapperElement().CodeMirror;
  let waiting;
  editor.on("change", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      markDoubt();
      history.replaceState({ draft: editor.getValue() }, "");
    }, 500);
    clearMarks();
  });
  // YASQE's list of suggestions says too little to a screen reader.
  new MutationObserver(() => {
    const list = yasqe.rootEl.querySelector(".CodeMirror-hints");
    list?.removeAttribute("aria-expanded");
    list?.setAttribute("aria-label", texts.suggestions);
    if (list) list.tabIndex = 0; // it scrolls
  }).observe(yasqe.rootEl, { childList: true });
  loadTerms();
}

async function loadTerms() {
  const response = await fetch(form.dataset.terms, { headers: { Accept: "application/json" } });
  if (!response.ok) return;
  const data = await response.json();
  ask = suggest(yasqe, data, texts, language);
  Yasqe.forkAutocompleter("prefixes", {
    name: "prefixes",
    get: Object.entries(data.prefixes).map(([prefix, iri]) => `${prefix}: <${iri}>`),
    persistenceId: null,
  });
  await yasqe.enableCompleter("prefixes");
}

function complete() {
  say(ask() ? "" : texts.none);
}

function prefersPlain() {
  try {
    return localStorage.getItem(PREFERENCE) === "1";
  } catch {
    return false; // a browser that keeps nothing
  }
}

function prefer(plain) {
  try {
    localStorage.setItem(PREFERENCE, plain ? "1" : "0");
  } catch {
    // Then the choice holds for this page.
  }
}

function useEditor(wanted) {
  if (wanted && !editor) makeEditor();
  if (editor) {
    const text = wanted ? box.value : editor.getValue();
    holder.hidden = !wanted;
    box.hidden = wanted;
    setQuery(text);
    if (wanted) editor.refresh();
  }
  form.querySelector("label").htmlFor = wanted ? "" : box.id;
  buttons.complete.hidden = element("sparql-keys").hidden = !wanted;
  buttons.switch.textContent = wanted ? buttons.switch.dataset.plain : buttons.switch.dataset.rich;
}

// Errors in the text: ours, where the server has said so, and a doubtful line while typing.

function clearMarks() {
  marks.forEach((mark) => mark.clear());
  marks = [];
}

function markError() {
  clearMarks();
  const { line, column, token } = element("sparql-error")?.dataset ?? {};
  if (!editor || holder.hidden || !line) return;
  const at = Number(line) - 1;
  // The server counts characters, the editor UTF-16 units.
  const before = [...(editor.getLine(at) ?? "")].slice(0, Number(column) - 1).join("").length;
  const from = { line: at, ch: before };
  const to = { line: at, ch: before + token.length };
  marks.push(editor.markText(from, to, { className: "sparql-error-token" }));
  const marked = editor.addLineClass(at, "background", "sparql-error-line");
  marks.push({ clear: () => editor.removeLineClass(marked, "background", "sparql-error-line") });
  editor.setCursor(from);
  editor.scrollIntoView(from, 60);
  if (matchMedia("(pointer: fine)").matches) editor.focus();
}

function markDoubt() {
  editor.clearGutter("gutterErrorBar");
  for (let line = 0; line < editor.lineCount(); line += 1) {
    const end = { line, ch: editor.getLine(line).length };
    const { OK, possibleCurrent } = editor.getTokenAt(end, true).state;
    if (OK === false) {
      const mark = document.createElement("span");
      mark.className = "sparql-doubt";
      mark.textContent = "!";
      const expected = possibleCurrent?.length ? `${texts.expected} ${possibleCurrent.slice(0, 12).join(" ")}` : "";
      mark.title = `${texts.invalid} ${expected}`.trim();
      editor.setGutterMarker(line, "gutterErrorBar", mark);
      return;
    }
  }
}

// Sharing

async function share() {
  const { address } = addressOf(parameters());
  const link = new URL(address, location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    say(texts.copied);
  } catch {
    const anchor = document.createElement("a"); // no clipboard without https: copied by hand
    anchor.href = anchor.textContent = link;
    element("sparql-status").replaceChildren(texts.copy_here, " ", anchor);
  }
}

// Where everything is wired

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
element("sparql-examples").addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
  if (!link || elsewhere) return;
  event.preventDefault();
  setQuery(new URL(link.href).searchParams.get("query"));
  visit(link.getAttribute("href"));
});
buttons.stop.addEventListener("click", () => running?.abort());
buttons.share.addEventListener("click", share);
buttons.complete.addEventListener("click", () => {
  editor.focus();
  complete();
});
buttons.switch.addEventListener("click", () => {
  const plain = box.hidden; // it is the editor's turn, so the reader wants the other
  prefer(plain);
  useEditor(!plain);
});

function open() {
  const long = queryAfterHash();
  if (long !== null) {
    setQuery(long);
    visit(location.pathname + location.search + location.hash, long, false);
    return true;
  }
  return false;
}
addEventListener("popstate", () => {
  if (location.hash && queryAfterHash() === null) return; // a jump within the page
  if (!open()) visit(location.pathname + location.search, undefined, false);
});

if (typeof Yasqe !== "undefined") {
  form.append(element("sparql-problem")); // beside the line that it marks
  const answered = box.value;
  useEditor(!prefersPlain());
  buttons.share.hidden = buttons.switch.hidden = false;
  if (!open()) {
    const draft = history.state?.draft;
    if (draft && draft !== answered && !element("sparql-error")) setQuery(draft);
    markError();
  }
}
