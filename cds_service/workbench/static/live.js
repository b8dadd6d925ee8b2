// Forms with data-live="#part" are sent in the background and that part of the page is exchanged for the one
// in the answer. Without this file they are ordinary forms.
const TYPING_PAUSE = 200;
let latest = 0;

function say(words) {
  document.getElementById("status").textContent = words;
}

function failed(part, words) {
  const note = document.createElement("p");
  note.className = "problem";
  note.setAttribute("role", "alert");
  note.textContent = words;
  part.querySelector(":scope > .problem.sent")?.remove();
  note.classList.add("sent");
  part.prepend(note);
  note.scrollIntoView({ block: "nearest" });
}

async function answerOf(form, submitter) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form, submitter)) fields.append(name, value);
  const get = form.method === "get";
  const url = new URL(form.action);
  if (get) url.search = fields;
  const response = await fetch(url, get ? {} : { method: "POST", body: fields });
  const file = /^attachment; filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "");
  if (file) return { file: { name: file[1], bytes: await response.blob() } };
  const kind = response.headers.get("Content-Type") ?? "";
  if (!kind.startsWith("text/html")) throw new Error(`The service failed (status ${response.status}). Try again, or start over.`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return { page, url: get ? url : null };
}

// What a reader opened, closed and stood on stays so.
function remembered(part) {
  const folds = new Map([...part.querySelectorAll("details[id]")].map((fold) => [fold.id, fold.open]));
  const focus = document.activeElement?.id;
  const inside = part.contains(document.activeElement);
  return (fresh, typing) => {
    if (!typing) for (const fold of fresh.querySelectorAll("details[id]")) if (folds.has(fold.id)) fold.open = folds.get(fold.id);
    if (!inside) return;
    const same = focus && document.getElementById(focus);
    const change = fresh.querySelector(".change h2, .problem");
    if (same) same.focus({ preventScroll: true });
    else if (change) { change.tabIndex = -1; change.focus({ preventScroll: true }); }
    else { fresh.tabIndex = -1; fresh.focus({ preventScroll: true }); }
  };
}

function save(file) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file.bytes);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function send(form, submitter, revive, typing) {
  const selector = form.dataset.live;
  const part = document.querySelector(selector);
  const turn = ++latest;
  part.classList.add("busy");
  part.setAttribute("aria-busy", "true");
  try {
    const { file, page, url } = await answerOf(form, submitter);
    if (turn !== latest) return;
    if (file) {
      part.querySelector(":scope > .problem.sent")?.remove();
      save(file);
      say(`Downloaded: ${file.name}.`);
      return;
    }
    const fresh = page.querySelector(selector);
    if (!fresh) throw new Error(page.querySelector("main .problem")?.textContent.trim() ?? "The service sent an unexpected page.");
    const restore = remembered(part);
    part.replaceWith(document.adoptNode(fresh));
    restore(fresh, typing);
    revive(fresh);
    if (url) history.replaceState(null, "", url);
    else if (location.hash.startsWith("#s=")) history.replaceState(null, "", location.pathname + location.search);
    say([...fresh.querySelectorAll("[data-announce]")].map((each) => each.textContent.replace(/\s+/g, " ").trim()).join(" ") || "Answered.");
    if (!typing) fresh.querySelector(".change, .problem")?.scrollIntoView({ block: "nearest" });
  } catch (error) {
    if (turn !== latest) return;
    const words = error instanceof TypeError ? "The service cannot be reached. Is it still running? Nothing was changed; try again." : error.message;
    failed(part, words);
    say(words);
  } finally {
    if (turn === latest) {
      const now = document.querySelector(selector);
      now.classList.remove("busy");
      now.removeAttribute("aria-busy");
    }
  }
}

export function live(revive) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.live) return;
    event.preventDefault();
    send(form, event.submitter, revive, false);
  });
  let waiting;
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form || !("typing" in form.dataset)) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => send(form, null, revive, true), TYPING_PAUSE);
  });
}
