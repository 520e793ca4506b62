// What the server tells the SPARQL page's scripts: addresses, limits, formats and texts.

export const settings = JSON.parse(document.getElementById("sparql-settings").textContent);
export const { texts } = settings;
export const language = document.documentElement.lang;

/** A text with its {placeholders} filled. */
export function filled(key, values) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** An element with properties (textContent, className, href…) and children. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
