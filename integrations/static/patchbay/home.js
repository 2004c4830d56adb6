// Home keeps itself current, and draws its small charts.
//
// The page asks every few seconds while somebody looks at it, and at once when they come back to
// it: browsers stop the clocks of pages in the background, and nobody reads those. What is asked
// names the rows that are shown, so that new ones are announced instead of pushed in; whoever
// comes back was not reading, and gets the newest.
(function () {
    "use strict";

    const PERIOD_MS = 5000;
    const DAYS = "home-days";
    let charts = [];

    const live = () => document.getElementById("home-live");

    setInterval(() => {
        if (!document.hidden) {
            htmx.trigger(live(), "again");
        }
    }, PERIOD_MS);

    document.addEventListener("visibilitychange", () => {
        if (!document.hidden) {
            htmx.ajax("GET", live().dataset.newest, { source: live(), target: live(), swap: "outerHTML" });
        }
    });

    // The table of days stays open across a refresh.
    let wasOpen = false;
    document.addEventListener("htmx:beforeSwap", () => {
        wasOpen = document.getElementById(DAYS)?.open ?? false;
    });
    document.addEventListener("htmx:afterSwap", () => {
        const days = document.getElementById(DAYS);
        if (days) {
            days.open = wasOpen;
        }
        draw();
    });

    function draw() {
        for (const chart of charts) {
            chart.destroy();
        }
        charts = [];
        const data = document.getElementById("home-bars");
        if (!data) {
            return;
        }
        const { labels, totals } = JSON.parse(data.textContent);
        for (const canvas of document.querySelectorAll("canvas[data-bars]")) {
            charts.push(new Chart(canvas, barChart(labels, totals[canvas.dataset.bars])));
        }
    }

    function barChart(labels, totals) {
        const style = getComputedStyle(document.documentElement);
        const past = style.getPropertyValue("--pb-bar").trim();
        const today = style.getPropertyValue("--pb-bar-today").trim();
        const colours = totals.map((_, day) => (day === totals.length - 1 ? today : past));
        return {
            type: "bar",
            data: {
                labels,
                datasets: [{
                    data: totals,
                    backgroundColor: colours,
                    hoverBackgroundColor: colours, // the library's own guess is black for oklch()
                    borderRadius: 2,
                    barPercentage: 1,
                    categoryPercentage: 0.8,
                    minBarLength: 1,
                }],
            },
            options: {
                animation: false, // nothing moves, whatever the reader's system says about motion
                responsive: true,
                maintainAspectRatio: false,
                events: ["mousemove", "mouseout", "touchstart"],
                interaction: { mode: "index", intersect: false },
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        displayColors: false,
                        caretSize: 0,
                        padding: 6,
                        callbacks: { title: () => "", label: (item) => `${item.label}: ${item.formattedValue}` },
                    },
                },
                scales: { x: { display: false }, y: { display: false, beginAtZero: true } },
            },
        };
    }

    draw();
    // Light or dark: the bars take the colours of the other.
    new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["class"] });
})();
