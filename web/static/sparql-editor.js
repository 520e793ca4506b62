// YASQE, YASGUI's editor: the text, its suggestions, and its mistakes marked where they stand.
/* global Yasqe */
import { suggest } from "./sparql-completion.js";
import { element, language, settings, texts } from "./sparql-settings.js";

const WAIT = 500; // ms without a key before a line is doubted

/**
 * YASQE in `parent`. Its queries go to our endpoint, with `args` besides. `run`, `leave` and
 * `complete` are what keys do; `changed` is told of the text a moment after the last key.
 */
export function makeEditor(parent, value, { args, run, leave, complete, changed }) {
  Yasqe.defaults.autocompleters = ["variables"]; // those that ask other hosts are left out
  const yasqe = new Yasqe(parent, {
    value,
    requestConfig: {
      endpoint: new URL(settings.endpoint, location.href).href,
      method: "POST",
      // Both, as the server knows best what form a query has.
      acceptHeaderSelect: "application/sparql-results+json, text/turtle;q=0.9",
      acceptHeaderGraph: "text/turtle, application/sparql-results+json;q=0.9",
      args,
    },
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
      Esc: leave,
      Tab: false, // Tab moves on, as everywhere (WCAG 2.1.2)
      "Shift-Tab": false,
      "Ctrl-S": false,
      "Shift-Ctrl-F": false,
    },
  });
  // What draws; YASQE is a copy of it that knows SPARQL.
  const editor = yasqe.getWrapperElement().CodeMirror;
  describeSuggestions(yasqe);
  const marks = makeMarks(editor);
  let ask = () => false; // for suggestions, once the terms are here
  loadTerms(yasqe).then((terms) => {
    if (terms) ask = suggest(yasqe, terms, texts, language);
  });
  let waiting;
  editor.on("change", () => {
    marks.clear();
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      markDoubt(editor);
      changed(editor.getValue());
    }, WAIT);
  });
  return { yasqe, editor, suggest: () => ask(), mark: marks.set };
}

/** Classes, properties and values to complete, after YASQE has been told the prefixes. */
async function loadTerms(yasqe) {
  const response = await fetch(settings.terms, { headers: { Accept: "application/json" } });
  if (!response.ok) return null;
  const terms = await response.json();
  Yasqe.forkAutocompleter("prefixes", {
    name: "prefixes",
    get: Object.entries(terms.prefixes).map(([prefix, iri]) => `${prefix}: <${iri}>`),
    persistenceId: null,
  });
  await yasqe.enableCompleter("prefixes");
  return terms;
}

/** YASQE's list of suggestions says too little to a screen reader. */
function describeSuggestions(yasqe) {
  new MutationObserver(() => {
    const list = yasqe.rootEl.querySelector(".CodeMirror-hints");
    list?.removeAttribute("aria-expanded");
    list?.setAttribute("aria-label", texts.suggestions);
    if (list) list.tabIndex = 0; // it scrolls
  }).observe(yasqe.rootEl, { childList: true });
}

/** The mark of a mistake as the server tells it, until the text is another. */
function makeMarks(editor) {
  let marks = [];
  const clear = () => {
    marks.forEach((mark) => mark.clear());
    marks = [];
  };
  const set = ({ line, column, token }) => {
    clear();
    if (!line || !token) return;
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
  };
  return { clear, set };
}

/** A sign beside the first line that does not fit the grammar, while typing. */
function markDoubt(editor) {
  editor.clearGutter("gutterErrorBar");
  for (let line = 0; line < editor.lineCount(); line += 1) {
    const end = { line, ch: editor.getLine(line).length };
    const { OK, possibleCurrent } = editor.getTokenAt(end, true).state;
    if (OK === false) {
      const expected = (possibleCurrent ?? []).slice(0, 12);
      const title = [texts.invalid, ...(expected.length ? [texts.expected] : []), ...expected].join(" ");
      const mark = element("span", { className: "sparql-doubt", textContent: "!", title });
      editor.setGutterMarker(line, "gutterErrorBar", mark);
      return;
    }
  }
}
