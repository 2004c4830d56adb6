// Behaviour of the console's own pages. No page carries an inline script, so everything hangs on
// data attributes and one listener for the document, which also serves parts that arrive later.

document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) {
        return;
    }
    const source = document.getElementById(button.dataset.copy);
    try {
        await navigator.clipboard.writeText(source.textContent);
    } catch {
        // Without the permission (or over plain http) the text is at least selected.
        window.getSelection().selectAllChildren(source);
        return;
    }
    const label = button.textContent;
    button.textContent = "✓";
    setTimeout(() => { button.textContent = label; }, 1500);
});

// The theme's icons are words in an icon font, which a screen reader would read out.
function hideIcons(part) {
    for (const icon of part.querySelectorAll("span.material-symbols-outlined:not([aria-hidden])")) {
        icon.setAttribute("aria-hidden", "true");
    }
}

document.addEventListener("DOMContentLoaded", () => hideIcons(document));
document.addEventListener("htmx:load", (event) => hideIcons(event.detail.elt));
