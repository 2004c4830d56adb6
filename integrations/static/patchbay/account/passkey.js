// What went wrong with a passkey, in a sentence where the button is. The library would only write
// to the browser's console.
(function () {
  "use strict";

  document.addEventListener("allauth.error", function (event) {
    const problem = document.getElementById("passkey-problem");
    if (!problem) {
      return;
    }
    event.preventDefault();
    const { known, otherwise } = problem.dataset;
    problem.textContent = event.detail.exception.name === "InvalidStateError" ? known : otherwise;
    problem.hidden = false;
  });
})();
