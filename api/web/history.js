// The state of the page with what it was before, so that every step can be undone.

/** @typedef {import("./types.js").State} State */

const MOST_STEPS = 100;

/**
 * A store of one state.
 * @param {State} first
 * @param {(state: State) => void} changed  Called after every change.
 */
export function createStore(first, changed) {
  let now = first;
  /** @type {{state: State, label: string}[]} */
  const before = [];
  return {
    get: () => now,
    /** What `undo` would take back, in words. */
    last: () => before.at(-1)?.label ?? null,
    /**
     * Make a change; steps with one label in a row (typing into a field) are one step.
     * @param {State} state
     * @param {string} label
     */
    set(state, label) {
      if (state === now) return;
      const isMore = label.startsWith("typing") && before.at(-1)?.label === label;
      if (!isMore) before.push({ state: now, label });
      if (before.length > MOST_STEPS) before.shift();
      now = state;
      changed(now);
    },
    undo() {
      const step = before.pop();
      if (!step) return;
      now = step.state;
      changed(now);
    },
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */
