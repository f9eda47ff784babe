// Asking the service: answers, problems, and whether anybody is there.

/**
 * An error as the service writes it (RFC 9457).
 * @typedef {object} Problem
 * @property {string} title
 * @property {number} status
 * @property {string} detail
 * @property {string} [query]
 * @property {import("./types.js").Candidate[]} [candidates]
 * @property {{field: string, value: string, expected: string}[]} [problems]
 */

const PATIENCE_MS = 10000;

/** The service refused; `problem` says what and why. */
export class Refused extends Error {
  /** @param {Problem} problem @param {number|null} retrySeconds */
  constructor(problem, retrySeconds) {
    super(problem.detail);
    this.problem = problem;
    this.retrySeconds = retrySeconds;
  }
}

/** Nobody answered, or what came back was no answer of this service. */
export class Unreachable extends Error {}

/** Another question was asked in the meantime. */
export class Overtaken extends Error {}

const UNAUTHORISED = 401;

/** @type {string|null} */
let graph = null;
let token = "";
/** @type {(wasBorne: boolean) => void} */
let refused = () => {};
/** @type {(id: string) => void} */
let told = () => {};

/**
 * Have a function told of the graph that answers, whenever it is another.
 * @param {(id: string) => void} listener
 */
export const onGraph = (listener) => {
  told = listener;
};

/** Send a token with every question from now on; none where it is empty. @param {string} given */
export const bear = (given) => {
  token = given;
};

/**
 * Have a function told whenever the service asks for a token, or refuses the one that was sent.
 * @param {(wasBorne: boolean) => void} listener
 */
export const onRefusal = (listener) => {
  refused = listener;
};

/**
 * Ask for JSON.
 * @param {string} path
 * @param {unknown} [body]  Sent by POST where it is given.
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 * @throws {Refused|Unreachable|Overtaken}
 */
export async function ask(path, body, signal) {
  const response = await reach(path, body, signal, "application/json");
  return understood(() => response.json(), signal);
}

/**
 * Ask for a file.
 * @param {string} path
 * @param {unknown} body
 * @param {string} accept
 * @returns {Promise<Blob>}
 * @throws {Refused|Unreachable}
 */
export async function askForFile(path, body, accept) {
  const response = await reach(path, body, undefined, accept);
  const kind = response.headers.get("content-type") ?? "";
  if (!kind.startsWith(accept)) throw new Unreachable(`the service sent ${kind || "nothing"}`);
  return understood(() => response.blob());
}

/**
 * @param {string} path
 * @param {unknown} body
 * @param {AbortSignal|undefined} signal
 * @param {string} accept
 */
async function reach(path, body, signal, accept) {
  const late = AbortSignal.timeout(PATIENCE_MS);
  const either = signal ? AbortSignal.any([signal, late]) : late;
  const borne = token;
  const headers = { accept, ...(borne && { authorization: `Bearer ${borne}` }) };
  /** @type {RequestInit} */
  const init = { signal: either, headers, credentials: "omit", redirect: "error" };
  if (body !== undefined) {
    init.method = "POST";
    init.headers = { ...headers, "content-type": "application/json" };
    init.body = JSON.stringify(body);
  }
  const response = await understood(() => fetch(path, init), signal);
  if (response.status === UNAUTHORISED) {
    refused(borne !== "");
    throw unauthorised(borne !== "");
  }
  const found = response.headers.get("x-graph-id");
  if (found && found !== graph) {
    graph = found;
    told(found);
  }
  if (!response.ok) throw await refusalOf(response, signal);
  return response;
}

/** @param {boolean} wasBorne */
function unauthorised(wasBorne) {
  const detail = wasBorne
    ? "the service refuses the token that was given; another can be given above"
    : "the service asks for a token, which can be given above";
  return new Refused({ title: "Unauthorised", status: UNAUTHORISED, detail }, null);
}

/**
 * @param {Response} response
 * @param {AbortSignal|undefined} signal
 */
async function refusalOf(response, signal) {
  if (!(response.headers.get("content-type") ?? "").includes("json")) {
    return new Unreachable(`the answer was ${response.status} ${response.statusText}`);
  }
  const wait = Number(response.headers.get("retry-after"));
  return new Refused(await understood(() => response.json(), signal), wait > 0 ? wait : null);
}

/**
 * @template T
 * @param {() => Promise<T>} act
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
async function understood(act, signal) {
  try {
    return await act();
  } catch (error) {
    if (signal?.aborted) throw new Overtaken();
    const isLate = error instanceof DOMException && error.name === "TimeoutError";
    const reason = isLate
      ? `the service did not answer within ${PATIENCE_MS / 1000} seconds`
      : "the service cannot be reached";
    throw new Unreachable(reason);
  }
}
