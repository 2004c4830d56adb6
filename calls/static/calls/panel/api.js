// Talking to `/panel/`: a token in a header, no cookie, and one key for each thing done.

/** The token is no good any more: sign in again. */
export class SignedOut extends Error {}

/** Patchbay says why it was not done; the message is for people. */
export class Refused extends Error {}

/** Nobody answered, or not sensibly: worth another try. */
export class Away extends Error {}

const TRIES = 3;

export class Api {
  #place;
  #storage;
  #name;

  /**
   * @param {object} place the addresses
   * @param {Storage} storage of this tab; it outlives a reload and nothing else
   */
  constructor(place, storage) {
    this.#place = place;
    this.#storage = storage;
    this.#name = `softphone:${place.workspace}`;
  }

  get token() {
    return this.#storage.getItem(this.#name);
  }

  /** Exchange a one-time code for a token. */
  async open(code, verifier) {
    const given = { code, verifier, script_version: this.#place.script_version };
    const answer = await this.#ask("POST", this.#place.session_url, given, null);
    this.#storage.setItem(this.#name, answer.token);
    return answer;
  }

  /** All, or what changed after an event. */
  state(after) {
    const query = after >= 0 ? `?after=${after}` : "";
    return this.#ask("GET", this.#place.state_url + query);
  }

  recent() {
    return this.#ask("GET", this.#place.recent_url);
  }

  beat() {
    const given = { script_version: this.#place.script_version };
    return this.#ask("POST", this.#place.heartbeat_url, given);
  }

  /** Do something about a call, once: a repeat carries the same key. */
  async act(action, call, fields = {}) {
    const given = {
      key: crypto.randomUUID(),
      action,
      call_id: call.call_id,
      leg_key: call.leg_key,
      ...fields,
    };
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#ask("POST", this.#place.actions_url, given);
      } catch (error) {
        if (!(error instanceof Away) || tries === TRIES) {
          throw error;
        }
      }
    }
  }

  async close() {
    try {
      await this.#ask("POST", this.#place.session_end_url, {});
    } finally {
      this.forget();
    }
  }

  forget() {
    this.#storage.removeItem(this.#name);
  }

  async #ask(method, url, given, token = this.token) {
    const headers = { "Content-Type": "application/json" };
    if (token) {
      headers.Authorization = `Bearer ${token}`;
    }
    const body = given === undefined ? undefined : JSON.stringify(given);
    let answer;
    try {
      answer = await fetch(url, { method, headers, body, credentials: "omit", cache: "no-store" });
    } catch {
      throw new Away();
    }
    if (answer.status === 401) {
      throw new SignedOut();
    }
    if (answer.status >= 500 || answer.status === 429) {
      throw new Away();
    }
    const said = answer.status === 204 ? {} : await answer.json();
    if (!answer.ok) {
      throw new Refused(said.detail ?? "");
    }
    return said;
  }
}
