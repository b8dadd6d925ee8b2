// What every page has: the theme switch, forms that answer in place, buttons that copy.
import { live } from "./live.js";
import { openState, copyState } from "./state.js";

function themeSwitch() {
  const label = document.querySelector("[data-theme-switch]");
  if (!label) return;
  const select = label.querySelector("select");
  select.value = document.documentElement.dataset.theme ?? "";
  label.hidden = false;
  select.addEventListener("change", () => {
    if (select.value) document.documentElement.dataset.theme = select.value;
    else delete document.documentElement.dataset.theme;
    try { localStorage.setItem("theme", select.value); } catch { /* then it lasts for this page only */ }
  });
}

async function copy(text, button) {
  const said = document.getElementById("status");
  try {
    await navigator.clipboard.writeText(text);
    said.textContent = "Copied.";
    flash(button, "Copied");
  } catch {
    said.textContent = "The browser did not allow copying. Select the text and copy it by hand.";
    flash(button, "Copying not allowed");
  }
}

function flash(button, words) {
  const before = button.textContent;
  button.textContent = words;
  setTimeout(() => { button.textContent = before; }, 1500);
}

function reveal(root) {
  for (const button of root.querySelectorAll("[data-copy], [data-copy-state]")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-state]");
  if (!button) return;
  if (button.dataset.copy) await copy(document.querySelector(button.dataset.copy).textContent, button);
  else await copy(await copyState(), button);
});

document.addEventListener("change", (event) => {
  const submits = event.target.dataset?.submits;
  if (submits) event.target.form.requestSubmit(document.querySelector(submits));
});

// Links into a closed fold would lead nowhere.
function openFold() {
  let fold = location.hash.startsWith("#s=") ? null : document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const target = fold;
  for (; fold; fold = fold.parentElement) if (fold.tagName === "DETAILS") fold.open = true;
  if (target) target.scrollIntoView({ block: "center" });
}
addEventListener("hashchange", openFold);

themeSwitch();
reveal(document);
live(reveal);
openFold();
openState();
