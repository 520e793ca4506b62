// YASR's table with the names of IRIs beside them, in the page's language.
/* global Yasr */
import { element, filled, language, settings, texts } from "./sparql-settings.js";

const LOCALE = {
  emptyTable: texts.none,
  zeroRecords: texts.none,
  info: texts.table_info,
  infoEmpty: "",
  infoFiltered: texts.table_filtered,
  thousands: ",",
  aria: {
    orderable: texts.sortable,
    orderableReverse: texts.sortable_reverse,
    orderableRemove: texts.sortable_remove,
    paginate: { first: texts.first, last: texts.last, next: texts.next, previous: texts.previous },
  },
};

export class NamedTable extends Yasr.plugins.table {
  label = texts.table;
  helpReference = "";
  config = {
    ...this.config,
    tableConfig: {
      ...this.config.tableConfig,
      autoWidth: false, // the browser's own widths follow the window
      language: { ...this.config.tableConfig.language, ...LOCALE },
    },
  };
  persistentConfig = { isEllipsed: false }; // a cut text would need a mouse
  names = {}; // IRI -> how our server shows it

  /** YASR waits for this before it draws. Without an answer IRIs stay as they are. */
  async initialize() {
    const terms = this.getRows().flatMap(([, ...row]) => row);
    const iris = new Set(terms.filter((term) => term.type === "uri").map((term) => term.value));
    const unknown = [...iris].filter((iri) => !(iri in this.names));
    if (unknown.length === 0) return;
    try {
      const response = await fetch(settings.names, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(unknown),
      });
      if (response.ok) Object.assign(this.names, await response.json());
    } catch {
      // Names are a help, the answer is there.
    }
  }

  getRows() {
    const { results } = this.yasr;
    // The solutions as they came, where there are any: YASR fills out {{…}} in its own copy.
    const solutions = results.summary.data.results?.bindings ?? results.getBindings();
    const variables = results.getVariables();
    return solutions
      .slice(0, settings.shownRows)
      .map((solution, row) => [row + 1, ...variables.map((name) => solution[name] ?? "")]);
  }

  getColumns() {
    this.tableEl.matches = () => false; // asked by YASR's resizer of columns, which so does nothing
    const [number, ...columns] = super.getColumns();
    const render = (term, use) => {
      if (term === "") return "";
      return use === "display" ? this.cell(term) : this.words(term);
    };
    return [number, ...columns.map((column) => ({ ...column, render }))];
  }

  /** What a term is sorted and filtered by. */
  words({ type, value }) {
    const label = type === "uri" ? this.names[value]?.label?.text : null;
    return label ? `${label} ${value}` : value;
  }

  /** A term as HTML, written by the DOM and so escaped. */
  cell(term) {
    const parts = term.type === "uri" ? this.iri(term) : this.literal(term);
    return element("div", {}, ...parts).outerHTML;
  }

  iri({ value }) {
    const { text = value, href, label } = this.names[value] ?? {};
    const short = element("code", { className: label ? "sparql-iri" : "break", textContent: text });
    const shown = label
      ? element("span", { textContent: label.text, lang: label.language })
      : short;
    const linked = href ? element("a", { href, title: value }, shown) : shown;
    return label && !this.persistentConfig.compact ? [linked, " ", short] : [linked];
  }

  literal({ value, datatype, "xml:lang": tag }) {
    const shown = element("span", { textContent: value });
    if (!tag) return [Object.assign(shown, { title: datatype ?? "" })];
    Object.assign(shown, { lang: tag, dir: "auto" });
    const mark = element("span", { className: "sparql-tag", textContent: `@${tag}` });
    return this.persistentConfig.compact ? [shown] : [shown, " ", mark];
  }

  draw(config) {
    super.draw(config);
    // The resizer would write styles that our policy forbids, and into the browser's store.
    removeEventListener("resize", this.tableResizer.onResize);
    this.tableResizer = undefined;
    this.tableEl.style.removeProperty("width");
    this.tableEl.classList.add("plain-table", "sparql-table");
    const pages = this.tableEl.closest(".dt-container").querySelector(".dt-paging nav");
    pages.setAttribute("aria-label", texts.pages);
    for (const heading of this.tableEl.querySelectorAll("th")) heading.scope = "col";
  }

  /** All rows on one page, or again as many as the reader wants. */
  showAll(all) {
    const { pageLength } = this.config.tableConfig;
    this.dataTable?.page.len(all ? -1 : (this.persistentConfig.pageSize ?? pageLength)).draw("page");
  }

  /** The controls above the table: YASR writes them in English. */
  drawControls() {
    super.drawControls();
    const [compact, ellipsis] = this.tableControls.querySelectorAll(".switch");
    compact.querySelector(".label").textContent = texts.compact;
    ellipsis.parentElement.remove();
    this.tableFilterField.placeholder = texts.filter;
    this.tableFilterField.setAttribute("aria-label", texts.filter);
    this.tableSizeField.setAttribute("aria-label", texts.page_size);
    for (const option of this.tableSizeField.options) {
      const rows = Number(option.value);
      option.textContent =
        rows > 0 ? filled("page_rows", { n: rows.toLocaleString(language) }) : texts.all_rows;
    }
    this.tableControls.querySelector(".pageSizerLabel").remove();
  }
}
