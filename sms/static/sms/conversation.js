// A thread keeps its statuses current while somebody looks at it; what is new is only announced.
(function () {
    "use strict";

    const PERIOD_MS = 5000;

    setInterval(() => {
        if (!document.hidden) {
            htmx.trigger(document.getElementById("thread"), "again");
        }
    }, PERIOD_MS);
})();
