// The chart of a campaign's results. The page asks for itself while the campaign is at work
// (htmx), and the chart is drawn again after each answer.
(function () {
    "use strict";

    let charts = [];

    function draw() {
        for (const chart of charts) {
            chart.destroy();
        }
        charts = [];
        const style = getComputedStyle(document.documentElement);
        const colour = style.getPropertyValue("--pb-bar-today").trim();
        const words = getComputedStyle(document.body).color;
        for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
            const { labels, totals } = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
            charts.push(new Chart(canvas, {
                type: "bar",
                data: {
                    labels,
                    datasets: [{ data: totals, backgroundColor: colour, hoverBackgroundColor: colour, borderRadius: 2, minBarLength: 1 }],
                },
                options: {
                    animation: false, // nothing moves while somebody reads
                    indexAxis: "y",
                    responsive: true,
                    maintainAspectRatio: false,
                    plugins: { legend: { display: false }, tooltip: { displayColors: false } },
                    scales: {
                        x: { beginAtZero: true, ticks: { precision: 0, color: words }, grid: { display: false } },
                        y: { ticks: { color: words }, grid: { display: false } },
                    },
                },
            }));
        }
    }

    draw();
    document.addEventListener("htmx:afterSwap", draw);
    // Light or dark: the bars and words take the colours of the other.
    new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["class"] });
})();
