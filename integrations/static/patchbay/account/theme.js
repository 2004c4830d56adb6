// Light or dark, as chosen in the console, before anything is painted. No framework: these pages
// run under a policy without 'unsafe-eval'.
(function () {
  "use strict";

  // Where the console keeps the choice, as JSON: "light", "dark" or "auto".
  const KEY = "adminTheme";
  const darkSystem = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return JSON.parse(localStorage.getItem(KEY)) || "auto";
    } catch {
      return "auto";
    }
  }

  function isDark() {
    const theme = chosen();
    return theme === "dark" || (theme === "auto" && darkSystem.matches);
  }

  function apply() {
    document.documentElement.classList.toggle("dark", isDark());
  }

  apply();
  darkSystem.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", function () {
    const button = document.getElementById("theme-switch");
    if (!button) {
      return;
    }
    button.hidden = false;
    button.addEventListener("click", function () {
      localStorage.setItem(KEY, JSON.stringify(isDark() ? "light" : "dark"));
      apply();
    });
  });
})();
