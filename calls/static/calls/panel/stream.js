// Hearing of changes: a stream while it works, questions every few seconds while it does not.

import { Away, SignedOut } from "./api.js";

const ASK_MS = 3_000;
const AWAY_MS = 1_000;
const TRY_STREAM_AGAIN_MS = 30_000;
// The stream says something every 15 s; one that is silent for longer is dead.
const SILENCE_MS = 25_000;
const FAILURES_BEFORE_ASKING = 2;

/**
 * The server-sent events of a body, as name and data.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @param {() => void} heard called for every piece, be it only a sign of life
 */
export async function* readEvents(body, heard = () => {}) {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of pieces(body)) {
    heard();
    rest += decoder.decode(piece, { stream: true });
    const blocks = rest.split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = new Map(block.split("\n").map((line) => split(line)));
      if (lines.has("data")) {
        yield { name: lines.get("event") ?? "message", data: JSON.parse(lines.get("data")) };
      }
    }
  }
}

function split(line) {
  const colon = line.indexOf(": ");
  return [line.slice(0, colon), line.slice(colon + 2)];
}

async function* pieces(body) {
  const reader = body.getReader();
  try {
    for (;;) {
      let piece;
      try {
        piece = await reader.read();
      } catch {
        throw new Away(); // cut off, or silent for too long
      }
      if (piece.done) {
        return;
      }
      yield piece.value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Follows one member's panel until it is stopped. */
export class Following {
  #api;
  #liveUrl;
  #store;
  #signedOut;
  #streamFailures = 0;
  #lastTried = 0;
  #stopped = new AbortController();

  /**
   * @param {{api: object, liveUrl: string, store: object, signedOut: () => void}} parts
   */
  constructor({ api, liveUrl, store, signedOut }) {
    this.#api = api;
    this.#liveUrl = liveUrl;
    this.#store = store;
    this.#signedOut = signedOut;
  }

  /** Ends when stopped or signed out. */
  async run() {
    while (!this.#stopped.signal.aborted) {
      try {
        await (this.#mayStream() ? this.#stream() : this.#ask());
      } catch (error) {
        if (error instanceof SignedOut) {
          this.#stopped.abort();
          this.#signedOut();
        } else if (!(error instanceof Away)) {
          throw error; // a mistake of ours, not of the network
        }
      }
    }
  }

  stop() {
    this.#stopped.abort();
  }

  /** Ask at once, as after an action while there is no stream. */
  async refresh() {
    await this.#take(await this.#api.state(this.#store.state.sequence));
  }

  #mayStream() {
    return (
      this.#streamFailures < FAILURES_BEFORE_ASKING ||
      performance.now() - this.#lastTried > TRY_STREAM_AGAIN_MS
    );
  }

  async #stream() {
    this.#lastTried = performance.now();
    this.#streamFailures += 1; // until something is heard
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
    };
    try {
      const answer = await this.#openStream(AbortSignal.any([silence.signal, this.#stopped.signal]));
      for await (const { name, data } of readEvents(answer.body, heard)) {
        if (name === "end") {
          this.#end(data.reason);
          return;
        }
        await this.#take(data);
        this.#streamFailures = 0;
        this.#store.connect("live");
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #openStream(signal) {
    const after = this.#store.state.sequence;
    const url = this.#liveUrl + (after >= 0 ? `?after=${after}` : "");
    const headers = { Authorization: `Bearer ${this.#api.token}` };
    let answer;
    try {
      answer = await fetch(url, { headers, credentials: "omit", cache: "no-store", signal });
    } catch {
      throw new Away();
    }
    if (answer.status === 401) {
      throw new SignedOut();
    }
    if (!answer.ok) {
      throw new Away();
    }
    return answer;
  }

  #end(reason) {
    if (reason === "signed_out") {
      throw new SignedOut();
    }
    this.#streamFailures = 0; // it asked to come again
  }

  async #ask() {
    try {
      await this.refresh();
    } catch (error) {
      if (error instanceof Away) {
        this.#store.connect("away");
        await this.#pause(AWAY_MS);
      }
      throw error;
    }
    if (this.#store.state.connection === "away") {
      this.#lastTried = -Infinity; // Patchbay is back, so the stream may be, too
    }
    this.#store.connect("polling");
    await this.#pause(ASK_MS);
  }

  async #take(told) {
    if (!this.#store.take(told)) {
      this.#store.take(await this.#api.state(-1));
    }
  }

  #pause(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#stopped.signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      }, { once: true });
    });
  }
}
