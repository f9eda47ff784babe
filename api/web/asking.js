// One question at a time: what is shown is the answer to what is entered, or is said not to be.

import { ask, Overtaken, Refused } from "./api.js";
import { bodyOf, refusedBy, unsendable } from "./question.js";
import { isEmpty } from "./state.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Shown} Shown */
/** @typedef {import("./types.js").Refusals} Refusals */

const MOST_TRIES = 120;
const FIRST_WAIT_SECONDS = 2;
const LONGEST_WAIT_SECONDS = 30;

/**
 * Make the conversation with the service; `show` is called whenever what is known changes.
 * @param {State} first
 * @param {(shown: Shown) => void} show
 */
export function createAsking(first, show) {
  /** @type {Shown} */
  let shown = {
    phase: "empty",
    state: first,
    answer: null,
    answered: null,
    refused: new Map(),
    reason: "",
    retrySeconds: null,
    graphBefore: null,
    instead: "none",
  };
  let number = 0;
  let wait = FIRST_WAIT_SECONDS;
  /** @type {AbortController|null} */
  let running = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;

  /** @param {Partial<Shown>} change */
  const tell = (change) => {
    shown = { ...shown, retrySeconds: null, ...change };
    show(shown);
  };

  /**
   * Ask about a state; an answer to an earlier question is never shown for it.
   * @param {State} state
   */
  async function about(state) {
    const own = (number += 1);
    running?.abort();
    clearTimeout(timer);
    if (isEmpty(state)) {
      tell({ phase: "empty", state, answer: null, answered: null, refused: unsendable(state) });
      return;
    }
    running = new AbortController();
    const { signal } = running;
    tell({ phase: "asking", state });
    try {
      const { answer, refused } = await settled(state, signal);
      if (own === number) arrived(state, answer, refused);
    } catch (error) {
      if (own === number && !(error instanceof Overtaken)) failed(state, error);
    }
    if (own === number && shown.instead === "waiting") await offers(own, signal);
  }

  /**
   * Ask the same again with what may be used instead, which takes the service far longer.
   * @param {number} own
   * @param {AbortSignal} signal
   */
  async function offers(own, signal) {
    try {
      const body = bodyOf(shown.state, shown.refused);
      const { alternatives, notes } = await ask("v1/screen", body, signal);
      if (own !== number || !shown.answer) return;
      tell({ answer: { ...shown.answer, alternatives, notes }, instead: "told" });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (own === number && !(error instanceof Overtaken)) tell({ reason, instead: "failed" });
    }
  }

  /**
   * Ask, leaving out what is refused, until there is an answer to the rest.
   * @param {State} state
   * @param {AbortSignal} signal
   */
  async function settled(state, signal) {
    /** @type {Refusals} */
    const refused = unsendable(state);
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      try {
        const body = { ...bodyOf(state, refused), alternatives: false };
        return { answer: await ask("v1/screen", body, signal), refused };
      } catch (error) {
        const more =
          error instanceof Refused && error.problem.status === 422
            ? refusedBy(error.problem, state, refused)
            : new Map();
        if (more.size === 0) throw error;
        for (const [key, why] of more) refused.set(key, why);
      }
    }
    throw new Error("too much of the question was refused");
  }

  /**
   * @param {State} state
   * @param {import("./types.js").Answer} answer
   * @param {Refusals} refused
   */
  function arrived(state, answer, refused) {
    const before = shown.answer?.graph.id ?? null;
    const isOther = before !== null && before !== answer.graph.id;
    wait = FIRST_WAIT_SECONDS;
    tell({
      phase: "fresh",
      state,
      answer,
      answered: state,
      refused,
      reason: "",
      graphBefore: isOther ? before : shown.graphBefore,
      instead: bodyOf(state, refused).alternatives ? "waiting" : "none",
    });
  }

  /** @param {State} state @param {unknown} error */
  function failed(state, error) {
    const isFinal = error instanceof Refused && error.problem.status < 500;
    const seconds = isFinal ? null : (error instanceof Refused && error.retrySeconds) || wait;
    const reason = error instanceof Error ? error.message : String(error);
    tell({ phase: "failed", state, reason, retrySeconds: seconds, instead: "none" });
    if (seconds === null) return;
    wait = Math.min(2 * wait, LONGEST_WAIT_SECONDS);
    timer = setTimeout(() => about(state), 1000 * seconds);
  }

  return {
    about,
    again: () => about(shown.state),
    /** Ask anew where the graph that answers is not the one of the answer. @param {string} id */
    graphIs(id) {
      if (shown.phase !== "fresh" || shown.answer === null || shown.answer.graph.id === id) return;
      about(shown.state);
    },
    shown: () => shown,
  };
}
