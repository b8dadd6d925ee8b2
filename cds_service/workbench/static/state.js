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

// The link to what the page shows now.
export async function copyState() {
  const fields = form().elements;
  const request = fields.json?.value ?? fields.request.value;
  const state = JSON.stringify({ request, as_of: fields.as_of.value, dialect: fields.dialect.value });
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
    for (const [name, value] of Object.entries({ request: state.request, view: "form", as_of: state.as_of, dialect: state.dialect, do: "fire" })) {
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
