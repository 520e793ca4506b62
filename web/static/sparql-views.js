// YASR, YASGUI's views of an answer, in the page's language: our table, whether true, the raw
// response, and what went wrong as our problem documents (RFC 9457) say it.
/* global Yasr */
import { element, texts } from "./sparql-settings.js";
import { NamedTable } from "./sparql-table.js";

// YASR's English count, its one file and its manual on another host: the page has its own.
const NOT_OURS = ".yasr_response_chip, .yasr_downloadIcon, .yasr_external_ref_btn";

class Truth extends Yasr.plugins.boolean {
  draw() {
    const textContent = this.yasr.results.getBoolean() ? texts.yes : texts.no;
    this.yasr.resultsEl.append(element("p", { className: "sparql-truth", textContent }));
  }
}

class Raw extends Yasr.plugins.response {
  label = texts.raw;
  helpReference = "";

  draw(config) {
    super.draw(config);
    this.cm.getInputField().setAttribute("aria-label", texts.raw);
  }

  showLess(isNew) {
    super.showLess(isNew);
    const [more, download] = this.overLay.querySelectorAll("button");
    more.textContent = more.title = texts.show_all;
    download.remove(); // ours are below, in every format
  }
}

class Problem extends Yasr.plugins.error {
  async draw() {
    const { title = texts.unreadable, detail, hint } = this.yasr.results.getError();
    const notice = element("div", { className: "notice notice-error", id: "sparql-error" });
    notice.setAttribute("role", "alert");
    notice.append(element("h2", { textContent: title }));
    for (const text of [detail, hint]) if (text) notice.append(element("p", { textContent: text }));
    this.yasr.resultsEl.append(notice);
  }
}

Yasr.registerPlugin("table", NamedTable);
Yasr.registerPlugin("boolean", Truth);
Yasr.registerPlugin("response", Raw);
Yasr.registerPlugin("error", Problem);

/** YASR in `parent`; the address keeps the query, so the browser's store keeps nothing. */
export function makeViews(parent) {
  const yasr = new Yasr(parent, { persistenceId: null });
  yasr.headerEl.querySelectorAll(NOT_OURS).forEach((part) => part.remove());
  const choices = ["table", "response"].map((name) => [
    yasr.plugins[name],
    yasr.headerEl.querySelector(`.select_${name}`),
  ]);
  for (const [, button] of choices) button.removeAttribute("aria-label"); // its text says it
  yasr.on("drawn", (_, drawn) => {
    for (const [view, button] of choices) button.setAttribute("aria-pressed", view === drawn);
  });
  const printed = matchMedia("print"); // on paper there are no pages to turn to
  printed.addEventListener("change", () => yasr.plugins.table.showAll(printed.matches));
  return yasr;
}

/** A response to a query (or the error it ended in) as YASR's ResponseSummary. */
export function summaryOf(response) {
  try {
    if (response instanceof Error) return { error: problemOf(response) };
    const contentType = response.headers.get("Content-Type") ?? "";
    if (!contentType.startsWith("text/turtle")) {
      return { contentType, data: JSON.parse(response.content) };
    }
    return { contentType, data: response.content || "\n" }; // YASR takes no text for no answer
  } catch {
    return { error: { title: texts.unreadable } };
  }
}

/** The problem document that YASQE hands over as the message of an error. */
function problemOf(error) {
  if (error instanceof TypeError) return { title: texts.unreachable };
  const problem = JSON.parse(error.message);
  if (!problem.title) throw error;
  return problem;
}
