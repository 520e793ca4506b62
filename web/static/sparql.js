// The SPARQL page with JavaScript: YASGUI's editor in the place of the text box and its views in the
// place of the answer. Without this file (or when it fails) the form does the same by itself.
import { answerOf, answerOfPage, clear, show } from "./sparql-answer.js";
import { makeEditor } from "./sparql-editor.js";
import { element, filled, settings, texts } from "./sparql-settings.js";

const PREFERENCE = "shirube.sparql.plain"; // "1" for readers who have chosen the text box

const byId = (id) => document.getElementById(id);
const form = byId("sparql-form");
const box = form.elements.query;
const action = form.getAttribute("action");
const buttons = Object.fromEntries(
  ["stop", "complete", "share", "switch"].map((name) => [name, byId(`sparql-${name}`)]),
);

let rich = null; // YASQE and what is made around it, when first wanted
let asked = ""; // the query under way or answered
let running = null; // what stops the request under way

const isRich = () => box.hidden;
const query = () => (isRich() ? rich.editor.getValue() : box.value);
const isQuery = (hash) => hash.startsWith("#query=");
const say = (text) => byId("sparql-status").replaceChildren(text);

function setQuery(text) {
  box.value = text;
  if (rich && rich.editor.getValue() !== text) rich.editor.setValue(text);
}

// Addresses: short queries in the address as any client sends them; long ones after the #, which
// no server or proxy sees.

function addressOf(text) {
  const values = new URLSearchParams(new FormData(form));
  values.set("query", text);
  const address = `${action}?${values}`;
  if (address.length <= settings.longestLink) return address;
  values.delete("query");
  const rest = String(values) ? `?${values}` : "";
  return `${action}${rest}#query=${encodeURIComponent(text)}`;
}

function queryOfAddress() {
  const [after, before] = [location.hash, location.search].map(
    (part) => new URLSearchParams(part.slice(1)),
  );
  return after.get("query") ?? before.get("query");
}

/** The links to this page in the other languages follow the query. */
function keepLanguageLinks() {
  for (const link of document.querySelectorAll(".language a, link[rel=alternate][hreflang]")) {
    const values = new URLSearchParams(location.search);
    values.delete("lang");
    if (link.hreflang !== "x-default") values.set("lang", link.hreflang);
    link.href = `${action}?${values}${isQuery(location.hash) ? location.hash : ""}`;
  }
}

// Running

function run() {
  history.pushState({}, "", addressOf(query()));
  keepLanguageLinks();
  ask();
}

function ask() {
  asked = query();
  rich.yasqe.query().catch(() => {}); // YASQE tells of an error as of a response
}

function started(_, request, control) {
  running?.abort();
  running = control;
  say(texts.running);
  buttons.stop.hidden = false;
  form.setAttribute("aria-busy", "true");
}

function ended() {
  running = null;
  buttons.stop.hidden = true;
  form.removeAttribute("aria-busy");
}

function stop() {
  running?.abort();
  ended();
  say(texts.stopped);
}

async function answered(_, response, milliseconds) {
  if (response.name === "AbortError") return; // stopped, or another query has taken its place
  ended();
  byId("sparql-problem").replaceChildren();
  const { heading, problem } = await show(answerOf(response), form, asked);
  const seconds = (milliseconds / 1000).toFixed(2);
  if (problem) say(problem.detail ? texts.failed : problem.title);
  else say(filled("done", { result: heading, seconds }));
  if (matchMedia("(max-width: 47.99rem)").matches) byId("sparql-examples").open = false;
  if (problem) rich.mark(problem);
  const target = byId(problem ? "sparql-error" : "result");
  if (target.getBoundingClientRect().top > innerHeight * 0.85) {
    target.scrollIntoView({ block: problem ? "center" : "start" });
  }
}

// The editor and the text box

function makeRich() {
  const holder = element("div", { className: "sparql-editor" });
  box.after(holder);
  const hidden = form.querySelectorAll("input[type=hidden]:not([name=lang])");
  rich = makeEditor(holder, box.value, {
    args: Array.from(hidden, ({ name, value }) => ({ name, value })),
    run,
    complete,
    leave: () => form.querySelector("[type=submit]").focus(),
    changed: (text) => history.replaceState({ draft: text }, ""),
  });
  rich.holder = holder;
  rich.yasqe.on("query", started);
  rich.yasqe.on("queryResponse", answered);
}

function useEditor(wanted) {
  const text = query();
  if (wanted && !rich) makeRich();
  box.hidden = wanted;
  if (rich) rich.holder.hidden = !wanted;
  setQuery(text);
  if (wanted) rich.editor.refresh();
  form.querySelector("label").htmlFor = wanted ? "" : box.id;
  buttons.complete.hidden = byId("sparql-keys").hidden = !wanted;
  buttons.switch.textContent = wanted ? buttons.switch.dataset.plain : buttons.switch.dataset.rich;
}

function complete() {
  say(rich.suggest() ? "" : texts.no_suggestions);
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

// Sharing

async function share() {
  const link = new URL(addressOf(query()), location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    say(texts.copied);
  } catch {
    // No clipboard without https: copied by hand.
    const anchor = element("a", { href: link, textContent: link });
    byId("sparql-status").replaceChildren(texts.copy_here, " ", anchor);
  }
}

// Where everything is wired

form.addEventListener("submit", (event) => {
  if (isRich()) {
    event.preventDefault();
    run();
  } else {
    form.method = addressOf(box.value).includes("#") ? "post" : "get";
  }
});
byId("sparql-examples").addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
  if (!link || elsewhere || !isRich()) return;
  event.preventDefault();
  setQuery(new URL(link.href).searchParams.get("query"));
  run();
});
buttons.stop.addEventListener("click", stop);
buttons.share.addEventListener("click", share);
buttons.complete.addEventListener("click", () => {
  rich.editor.focus();
  complete();
});
buttons.switch.addEventListener("click", () => {
  prefer(isRich());
  useEditor(!isRich());
  if (isRich()) showAnswerOfPage();
});
addEventListener("popstate", () => {
  if (!isRich() || (location.hash && !isQuery(location.hash))) return; // a jump within the page
  const text = queryOfAddress();
  setQuery(text ?? box.defaultValue);
  keepLanguageLinks();
  if (text !== null) return ask();
  stop();
  clear();
  say("");
});

/** Show the answer that came with the page; tells whether one did. */
function showAnswerOfPage() {
  const answer = answerOfPage();
  if (answer) show(answer, form, box.defaultValue);
  return answer !== null;
}

function open() {
  const text = queryOfAddress();
  if (text !== null) setQuery(text);
  if (!isRich()) return;
  const { draft } = history.state ?? {};
  const problem = byId("sparql-error");
  if (problem) rich.mark(problem.dataset);
  else if (!showAnswerOfPage() && text !== null) ask(); // it was after the #, or too much for a page
  if (draft && draft !== text) setQuery(draft);
}

form.append(byId("sparql-problem")); // beside the line that it marks
useEditor(!prefersPlain());
keepLanguageLinks();
buttons.share.hidden = buttons.switch.hidden = false;
open();
