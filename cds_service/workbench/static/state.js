// The state of the bench in the fragment of the URL: packed by the browser, never sent to a server.
const MOST = 8_000_000;

function form() {
  return document.querySelector("form[data-state]");
}

function encoded(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function decoded(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
}

async function packed(text) {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return encoded(new Uint8Array(await new Response(stream).arrayBuffer()));
}

async function unpacked(text) {
  const stream = new Blob([decoded(text)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const parts = [];
  let size = 0;
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > MOST) throw new Error("too large");
    parts.push(value);
  }
  return new Blob(parts).text();
}

const NOT_TYPED = /^(request|view|undo|json|as_of|dialect|uuid-.*|finding-.*|suggestion-.*)$/;

function changed(field) {
  if (field.tagName === "SELECT") return field.selectedIndex !== Math.max(0, [...field.options].findIndex((each) => each.defaultSelected));
  return field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

function same(one, other) {
  try { return JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other)); } catch { return false; }
}

// What was typed and not fired yet; all of the form, as a box that is not ticked is told by its absence.
function typed() {
  const fields = [...form().elements].filter((field) => field.name && field.tagName !== "BUTTON" && !NOT_TYPED.test(field.name));
  if (!fields.some(changed)) return [];
  return [...new FormData(form())].filter(([name]) => !NOT_TYPED.test(name));
}

// The link to what the page shows now.
export async function copyState() {
  const fields = form().elements;
  const json = fields.json?.value;
  const state = JSON.stringify({
    request: fields.request.value, as_of: fields.as_of.value, dialect: fields.dialect.value,
    ...(json === undefined ? { typed: typed() } : { json: same(json, fields.request.value) ? "" : json }),
  });
  const link = new URL(location.pathname, location.href);
  link.hash = `s=${await packed(state)}`;
  history.replaceState(null, "", link);
  return link.href;
}

// When the page was opened by such a link: put the state in place and fire.
export async function openState() {
  if (!location.hash.startsWith("#s=") || !form()) return;
  const said = document.getElementById("status");
  try {
    const state = JSON.parse(await unpacked(location.hash.slice(3)));
    const fields = form().elements;
    const blank = document.createElement("form");
    const view = state.json === undefined ? [["view", "form"], ...(state.typed ?? [])] : [["view", "json"], ["json", state.json || state.request]];
    for (const [name, value] of [["request", state.request], ["as_of", state.as_of], ["dialect", state.dialect], ["do", "fire"], ...view]) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      blank.append(field);
    }
    blank.method = "post";
    blank.action = form().action;
    blank.dataset.live = form().dataset.live;
    blank.hidden = true;
    fields.request.form.after(blank);
    blank.requestSubmit();
  } catch {
    said.textContent = "The link to a state could not be read; this is the scenario as shipped.";
    const note = document.createElement("p");
    note.className = "problem";
    note.setAttribute("role", "alert");
    note.textContent = said.textContent;
    form().prepend(note);
  }
}
