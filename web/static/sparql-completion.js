// What the SPARQL editor suggests: classes, properties and values by their name in the graph or by
// their label in either language. A picked term brings the PREFIX that it needs.

const SHOWN = 50; // suggestions at once
const LINES_BACK = 5; // where the property before an object stands
const WORD = /<[^<>\s]*$|[\p{L}\p{N}_:-]*$/u;
const SILENT = /\b(comment|string)(?!-)\b/; // token types in which nothing is a term

/**
 * Suggest terms in `yasqe` while a prefixed name or a label is typed, and when asked.
 * `terms` and `prefixes` are those of /sparql/terms; `texts` are the page's, in `language`.
 * Returns the function that asks; it tells whether anything was found.
 */
export function suggest(yasqe, { terms, prefixes }, texts, language) {
  const editor = yasqe.getWrapperElement().CodeMirror;
  const known = terms.map((term) => ({ ...term, names: Object.values(term.label).map(folded) }));

  function wordAt(cursor) {
    const [word] = editor.getLine(cursor.line).slice(0, cursor.ch).match(WORD);
    return SILENT.test(editor.getTokenTypeAt(cursor) ?? "") ? null : word;
  }

  /** The prefixes in force: the query's own, and ours where it has not taken the name. */
  function namespaces() {
    return { ...prefixes, ...yasqe.getPrefixesFromQuery() };
  }

  /** What may stand where a word begins: class, property, or null for anything. */
  function kindAt(from) {
    const before = editor.getRange({ line: Math.max(0, from.line - LINES_BACK), ch: 0 }, from);
    if (/(^|[\s;.{])(a|rdf:type|rdfs:(domain|range|subClassOf))\s+$/u.test(before)) return "class";
    if (/[;/|^]\s*$/u.test(before)) return "property"; // where YASQE's grammar expects no more
    return editor.getTokenAt(from, true).state.possibleNext?.includes("a") ? "property" : null;
  }

  function found(word, from) {
    const spaces = Object.entries(namespaces());
    const kind = kindAt(from);
    const [, prefix, rest] = word.match(/^([^:<]*):(.*)$/u) ?? [];
    const wanted = folded(rest ?? word);
    const ranked = [];
    for (const term of known) {
      if (kind && term.kind !== kind) continue;
      const space = spaces.filter(([, iri]) => term.iri.startsWith(iri)).sort(longest)[0];
      const local = space && term.iri.slice(space[1].length);
      const name = space && /^[\p{L}\p{N}_][\p{L}\p{N}_-]*$/u.test(local) ? `${space[0]}:${local}` : null;
      let rank;
      if (word.startsWith("<")) rank = term.iri.startsWith(word.slice(1)) ? 0 : -1;
      else if (prefix !== undefined && (!name || space[0] !== prefix)) rank = -1;
      else rank = rankOf(wanted, name ? folded(local) : "", term.names);
      if (rank >= 0) ranked.push({ term, name, space, rank });
    }
    return ranked.sort((a, b) => a.rank - b.rank || b.term.count - a.term.count).slice(0, SHOWN);
  }

  function hint() {
    const to = editor.getCursor();
    const word = wordAt(to) ?? "";
    const from = { line: to.line, ch: to.ch - word.length };
    const list = found(word, from).map(({ term, name, space }) => ({
      text: name ?? `<${term.iri}>`,
      render: (element) => render(element, term, name, language, texts),
      hint: (cm, data, picked) => {
        cm.replaceRange(picked.text, from, cm.getCursor(), "complete");
        if (name && !(space[0] in yasqe.getPrefixesFromQuery())) {
          yasqe.addPrefixes({ [space[0]]: space[1] });
        }
      },
    }));
    return { list, from, to };
  }

  function open() {
    const first = hint();
    if (first.list.length > 0) {
      editor.showHint({ hint, completeSingle: false, closeCharacters: /[\s>"{};]/, container: yasqe.rootEl });
    }
    return first.list.length > 0;
  }

  editor.on("inputRead", (_, change) => {
    const word = wordAt(editor.getCursor());
    if (!word || editor.state.completionActive || change.origin === "paste") return;
    const label = /[^\x00-\x7f]/.test(word); // no name in the graph: the reader types a label
    if (label || /^[^:<]*:/.test(word) && word.split(":")[0] in namespaces()) open();
  });
  return () => {
    const cursor = editor.getCursor();
    if (wordAt(cursor) === null) return false;
    const before = editor.getLine(cursor.line).slice(0, cursor.ch);
    if (/[?$][\p{L}\p{N}_]*$/u.test(before) || /^\s*PREFIX\s+[^\s<]*$/iu.test(before)) {
      yasqe.autocomplete(); // YASQE knows the variables and the prefixes
      return true;
    }
    return open();
  };
}

function longest(a, b) {
  return b[1].length - a[1].length;
}

function folded(text) {
  return text.normalize("NFKC").toLowerCase();
}

/** How well a term fits: 0 its name begins so, 1 a label does, 2 either contains it; -1 not at all. */
function rankOf(wanted, local, names) {
  if (local.startsWith(wanted)) return 0;
  if (names.some((name) => name.startsWith(wanted))) return 1;
  return local.includes(wanted) || names.some((name) => name.includes(wanted)) ? 2 : -1;
}

function render(element, term, name, language, texts) {
  const other = language === "ja" ? "en" : "ja";
  const tag = term.label[language] ? language : other;
  element.append(part("suggest-name", name ?? `<${term.iri}>`));
  if (term.label[tag]) {
    const label = part("suggest-label", term.label[tag]);
    label.lang = tag;
    element.append(" ", label);
  }
  const count = term.count ? ` ${term.count.toLocaleString(language)}` : "";
  element.append(" ", part("suggest-kind", texts[term.kind] + count));
}

function part(name, text) {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = text;
  return span;
}
