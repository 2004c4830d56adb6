// The keys of the panel, with Alt and Shift so that typing never meets them.

const BUTTONS = { KeyP: "badge ", KeyD: "done ", KeyN: "note " };

/** Listen; a key does what a click on the first such button does, or goes to the first field. */
export function listenToKeys(page) {
  page.addEventListener("keydown", (event) => {
    if (!event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey) {
      return;
    }
    if (event.code === "KeyG") {
      const diagnostics = page.getElementById("diagnostics");
      diagnostics.open = !diagnostics.open;
      diagnostics.querySelector("summary").focus();
    } else if (event.code in BUTTONS) {
      const found = page.querySelector(`#calls [data-name^="${BUTTONS[event.code]}"]`);
      found?.focus();
      if (found?.tagName === "BUTTON") {
        found.click();
      }
    } else {
      return;
    }
    event.preventDefault();
  });
}
