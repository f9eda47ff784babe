// The token that the service may ask for: in this tab alone, never in the link.

import { ask, bear, onRefusal, Refused } from "./api.js";
import { byId, field } from "./dom.js";

const KEY = "coprescribe.token";
const UNAUTHORISED = 401;
/** What a bearer token may be made of (RFC 6750, section 2.1). */
const TOKEN = /^[\w.~+/=-]+$/;

/**
 * Ask for a token where the service does; `again` is called when one was accepted.
 * @param {() => void} again
 */
export function bindToken(again) {
  const form = byId("token");
  const input = field("token-field");
  const problem = byId("token-problem");

  /** @param {boolean} wasBorne */
  const asked = (wasBorne) => {
    if (wasBorne) {
      use("");
      complain("The service refuses the token that was given.");
    }
    if (form.hidden && !wasBorne) byId("live").textContent = "This service asks for a token.";
    form.hidden = false;
    byId("open-routes").hidden = true;
  };

  /** @param {string} message */
  const complain = (message) => {
    problem.textContent = message;
    input.toggleAttribute("aria-invalid", message !== "");
    if (message) input.setAttribute("aria-invalid", "true");
  };

  const accepted = () => {
    keep(input.value.trim());
    input.value = "";
    form.hidden = true;
    byId("token-forget").hidden = false;
    field("take-field").focus();
    again();
  };

  const enter = async () => {
    const given = input.value.trim();
    complain("");
    if (!TOKEN.test(given)) {
      complain("A token has letters, digits and -._~+/= and no blanks.");
      return;
    }
    bear(given);
    try {
      await ask("version");
      accepted();
    } catch (error) {
      if (error instanceof Refused && error.problem.status !== UNAUTHORISED) accepted();
      else if (!(error instanceof Refused) && error instanceof Error) {
        bear("");
        complain(`The token was not tried: ${error.message}.`);
      }
    }
  };

  onRefusal(asked);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    enter();
  });
  byId("token-forget").addEventListener("click", () => {
    use("");
    ask("version").catch(() => {});
  });
  use(kept());
}

/** Send a token from now on and keep it; an empty one is forgotten. @param {string} token */
function use(token) {
  bear(token);
  keep(token);
  byId("token-forget").hidden = token === "";
  if (token) byId("open-routes").hidden = true;
}

/** @param {string} token */
function keep(token) {
  try {
    if (token) sessionStorage.setItem(KEY, token);
    else sessionStorage.removeItem(KEY);
  } catch {
    // Storage is forbidden: the token lasts as long as the page.
  }
}

function kept() {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}
