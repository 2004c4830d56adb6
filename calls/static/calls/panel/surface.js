// What is around the panel, and how records are opened there. The panel stands alone or in the
// console; a frame in Salesforce would be one more class with the same methods.

/**
 * @typedef {object} Surface
 * @property {(url: string) => void} openRecord show a record of Salesforce
 * @property {(url: string) => void} newRecord show a form for a new one
 * @property {() => void} show unfold the panel, because a call rings
 * @property {(headline: {state: string, calls: number}) => void} tell the state, for a folded panel
 */

/** The browser, and the console if the panel is docked in it. @implements {Surface} */
export class BrowserSurface {
  openRecord(url) {
    // Without an opener the page of the org cannot turn this one into something else.
    window.open(url, "_blank", "noopener");
  }

  newRecord(url) {
    this.openRecord(url);
  }

  show() {
    this.#tellConsole({ type: "softphone:show" });
  }

  tell(headline) {
    this.#tellConsole({ type: "softphone:state", ...headline });
  }

  #tellConsole(message) {
    if (window.parent !== window) {
      window.parent.postMessage(message, location.origin);
    }
  }
}
