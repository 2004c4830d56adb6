// Making elements. Names and texts come from strangers, so nothing is ever read as HTML.

/**
 * @param {string} tag
 * @param {Record<string, unknown>} properties of the element; `data` and `aria` hold those
 * @param {...(Node | string | null | false)} children
 */
export function make(tag, { data = {}, aria = {}, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  Object.assign(element.dataset, data);
  for (const [name, value] of Object.entries(aria)) {
    element.setAttribute(`aria-${name}`, value);
  }
  element.append(...children.filter((child) => child !== null && child !== false));
  return element;
}

/** A button; `name` finds it again after everything around it was drawn anew. */
export function button(text, name, onClick, { primary = false, aria = {} } = {}) {
  return make(
    "button",
    {
      type: "button",
      className: primary ? "button primary" : "button",
      onclick: onClick,
      data: { name },
      aria,
    },
    text,
  );
}

/** A sentence with its blanks filled. */
export function fill(text, values) {
  return text.replaceAll(/\{(\w+)\}/g, (_all, name) => String(values[name] ?? ""));
}

/** Draw a part anew; what had the focus or was being typed keeps it. */
export function redraw(part, draw) {
  const active = part.contains(document.activeElement) ? document.activeElement : null;
  const name = active?.dataset.name;
  const selection = active && "selectionStart" in active ? active.selectionStart : null;
  part.replaceChildren(...draw());
  if (!name) {
    return;
  }
  const again = part.querySelector(`[data-name="${CSS.escape(name)}"]`);
  again?.focus();
  if (selection !== null && again && "setSelectionRange" in again) {
    again.setSelectionRange(selection, selection);
  }
}
