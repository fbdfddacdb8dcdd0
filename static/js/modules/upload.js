// Files are sent one by one with their progress, so that one that is refused costs no other. Without
// script the form sends them all. Nothing of a file is kept here once it was sent.

import { announce } from "./announcer.js";

const input = (form) => form.querySelector("input[type='file']");

function row(list, file) {
  const item = document.createElement("li");
  item.className = "upload";
  for (const part of ["name", "state"]) {
    const span = document.createElement("span");
    span.className = `upload__${part}`;
    item.append(span);
  }
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.setAttribute("aria-label", file.name);
  item.append(bar);
  item.firstElementChild.textContent = file.name;
  list.append(item);
  return item;
}

function say(item, state, words) {
  item.dataset.state = state;
  item.querySelector(".upload__state").textContent = words;
}

function refuse(item, why) {
  say(item, "refused", "");
  item.querySelector("progress").remove();
  const line = document.createElement("p");
  line.className = "upload__why";
  line.textContent = why;
  item.append(line);
  announce(`${item.firstElementChild.textContent}: ${why}`);
}

function answerOf(request) {
  try {
    return JSON.parse(request.responseText).message;
  } catch {
    return "";
  }
}

// Resolves to whether the file was kept. XMLHttpRequest, because fetch tells no progress of sending.
function send(form, file, item) {
  const words = form.dataset;
  const body = new FormData(form);
  body.set(input(form).name, file, file.name);
  const request = new XMLHttpRequest();
  const bar = item.querySelector("progress");
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.value = (event.loaded / event.total) * 100;
    say(item, "sending", event.loaded < event.total ? words.uploadSending : words.uploadChecking);
  });
  request.open("POST", form.action);
  request.setRequestHeader("X-Upload", "1");
  say(item, "sending", words.uploadSending);
  return new Promise((resolve) => {
    request.addEventListener("loadend", () => {
      if (request.status === 200 && request.responseURL === form.action) {
        bar.remove();
        say(item, "saved", words.uploadSaved);
        resolve(true);
        return;
      }
      const tooLarge = request.status === 413 && words.uploadLarge;
      refuse(item, (request.status === 422 && answerOf(request)) || tooLarge || words.uploadLost);
      resolve(false);
    });
    request.send(body);
  });
}

async function sendAll(form) {
  const list = form.querySelector("[data-upload-list]");
  const files = [...input(form).files];
  list.replaceChildren();
  list.hidden = false;
  let kept = 0;
  for (const file of files) {
    const item = row(list, file);
    if (file.size > Number(form.dataset.uploadMost)) refuse(item, form.dataset.uploadLarge);
    else if (await send(form, file, item)) kept += 1;
  }
  if (kept === files.length) {
    location.assign(form.dataset.uploadNext);
    return;
  }
  // Those that were kept must not be sent twice.
  input(form).value = "";
  delete form.dataset.sent;
  form.querySelector("[type='submit']").removeAttribute("aria-busy");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.upload === undefined || !input(form).files.length) return;
  event.preventDefault();
  if (form.dataset.sent !== undefined) return;
  form.dataset.sent = "";
  form.querySelector("[type='submit']").setAttribute("aria-busy", "true");
  sendAll(form);
});

// Files may be dropped on the frame around the input.
for (const type of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    const frame = event.target.closest?.(".document-drop");
    if (!frame) return;
    event.preventDefault();
    frame.toggleAttribute("data-over", type === "dragover");
    if (type === "drop" && event.dataTransfer.files.length) {
      frame.querySelector("input[type='file']").files = event.dataTransfer.files;
    }
  });
}

// A telephone can go straight to its camera; a desk has none worth opening.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-upload-camera]");
  if (!button) return;
  const files = input(button.form);
  files.setAttribute("capture", "environment");
  files.click();
  files.removeAttribute("capture");
});

if (matchMedia("(pointer: coarse)").matches) {
  for (const button of document.querySelectorAll("[data-upload-camera]")) button.hidden = false;
}
