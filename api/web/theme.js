// Light or dark: as the system says, until somebody chooses.

import { byId } from "./dom.js";

const KEY = "coprescribe.theme";

/** Apply the choice that was made here before, and let it be made anew. */
export function bindTheme() {
  const button = byId("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = localStored();
  const show = () => {
    const isDark = chosen ? chosen === "dark" : system.matches;
    document.documentElement.dataset.theme = isDark ? "dark" : "light";
    button.textContent = isDark ? "Light" : "Dark";
    button.setAttribute("aria-label", isDark ? "Use light colours" : "Use dark colours");
  };
  button.addEventListener("click", () => {
    chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem(KEY, chosen);
    } catch {
      // Forbidden: the choice lasts as long as the page.
    }
    show();
  });
  system.addEventListener("change", show);
  show();
}

function localStored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
