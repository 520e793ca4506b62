// An answer on the page: how much it is, hints, YASR's views of it, and files.
import { element, filled, language, settings, texts } from "./sparql-settings.js";
import { makeViews, summaryOf } from "./sparql-views.js";

const place = document.getElementById("sparql-answer");
const heading = element("h2", { id: "result" });
const notices = element("div");
const views = element("div");
const files = element("div");
const section = element("section", { className: "sparql-result" });
section.setAttribute("aria-label", texts.result);
let yasr = null; // made when first wanted

/** The answer that the server has put into this page: its summary and its hints, or null. */
export function answerOfPage() {
  const script = document.getElementById("sparql-response");
  if (!script) return null;
  const hints = [...place.querySelectorAll(".sparql-hints li")].map((item) => item.textContent);
  return { summary: JSON.parse(script.textContent), hints };
}

/** What YASQE got from the endpoint, in the same form. */
export function answerOf(response) {
  return { summary: summaryOf(response), hints: hintsIn(response.headers?.get("Shirube-Hint")) };
}

/**
 * Show an answer to `query`, with files of it by the address and graphs of `form`. Resolves, once
 * it is drawn, to what there is to say: the heading, and the problem if it is one.
 */
export async function show({ summary, hints }, form, query) {
  yasr ??= makeViews(views);
  section.replaceChildren(...(summary.error ? [views] : [heading, notices, views, files]));
  place.replaceChildren(section);
  const drawn = new Promise((resolve) => yasr.once("drawn", resolve));
  yasr.setResponse(summary);
  yasr.headerEl.hidden = Boolean(summary.error);
  if (!summary.error) {
    const rows = yasr.results.getBindings()?.length;
    heading.replaceChildren(texts.result, ...countOf(rows));
    notices.replaceChildren(...noticesOn(rows, hints));
    files.replaceChildren(...downloads(form, query, summary.contentType));
  }
  await drawn;
  return { heading: heading.textContent, problem: summary.error };
}

function countOf(rows) {
  if (rows === undefined) return []; // of a truth
  const count = rows === 1 ? texts.one_row : filled("rows", { n: rows.toLocaleString(language) });
  return [" ", element("span", { className: "sparql-count", textContent: count })];
}

/** Leave no answer on the page. */
export function clear() {
  place.replaceChildren();
}

function noticesOn(rows, hints) {
  const found = [];
  if (hints.length > 0) {
    const items = hints.map((textContent) => element("li", { textContent }));
    found.push(element("ul", { className: "notice sparql-hints" }, ...items));
  } else if (rows === 0) {
    found.push(element("p", { textContent: texts.none_hint }));
  }
  if (rows > settings.shownRows) {
    const [shown, left] = [settings.shownRows, rows - settings.shownRows];
    const values = { shown: shown.toLocaleString(language), left: left.toLocaleString(language) };
    const textContent = filled("left_out_rows", values);
    found.push(element("p", { className: "notice", textContent }));
  }
  return found;
}

/** The hints of a response's header, a list of structured fields (RFC 9651). */
function hintsIn(header) {
  const field = /;line=(\d+);column=(\d+);token=%"[^"]*";text=%"([^"]*)"/g;
  return [...(header ?? "").matchAll(field)].map(
    ([, line, column, text]) => filled("place", { line, column }) + decodeURIComponent(text),
  );
}

/** The same query in every format: links, or a form where it is too long for an address. */
function downloads(form, query, contentType) {
  const { graphs, solutions } = settings.formats;
  const formats = contentType.startsWith("text/turtle") ? graphs : solutions;
  const values = new FormData(form);
  values.delete("lang");
  values.set("query", query);
  const links = formats.map(([name, label]) => {
    const asked = new URLSearchParams([...values, ["format", name]]);
    return { name, label, href: `${form.getAttribute("action")}?${asked}` };
  });
  const title = element("h3", { className: "sparql-download", textContent: texts.download });
  const isLong = links.some(({ href }) => href.length > settings.longestLink);
  return [title, isLong ? buttons(form, values, links) : list(links)];
}

function list(links) {
  const items = links.map(({ name, label, href }) => {
    const properties = { className: "quiet", href, download: `shirube.${name}` };
    return element("li", {}, element("a", properties, ...file(name, label)));
  });
  return element("ul", { className: "sparql-downloads" }, ...items);
}

function buttons(form, values, links) {
  const hidden = [...values].map(([name, value]) =>
    element("input", { type: "hidden", name, value }),
  );
  const named = links.map(({ name, label }) => {
    const properties = { className: "quiet", name: "format", value: name };
    return element("button", properties, ...file(name, label));
  });
  const properties = { className: "sparql-downloads", action: form.action, method: "post" };
  return element("form", properties, ...hidden, ...named);
}

function file(name, label) {
  return [element("b", { textContent: `.${name}` }), ` ${label}`];
}
