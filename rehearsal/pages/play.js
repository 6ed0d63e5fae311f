// Keeps the page true: when something has happened, the live parts are fetched anew. Without it, reload the page by hand.
"use strict";

const parts = () => document.querySelectorAll("[data-live]");

async function renew() {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of parts()) {
    const other = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (other && other.innerHTML !== part.innerHTML && !inUse(part)) replace(part, other);
  }
  document.body.dataset.version = fresh.body.dataset.version;
}

// A letter that is being read, an open detail and a field with the focus stay as they are.
function inUse(part) {
  const focused = document.activeElement;
  return part.querySelector("iframe, details[open]") !== null || (part.contains(focused) && focused.matches("select, pre"));
}

// The focus stays on the same link or button.
function replace(part, other) {
  const focused = part.contains(document.activeElement) ? [...part.querySelectorAll("a, button")].indexOf(document.activeElement) : -1;
  const target = document.activeElement.getAttribute("target");
  part.innerHTML = other.innerHTML;
  const same = target ? part.querySelector(`a[target="${target}"]`) : part.querySelectorAll("a, button")[focused];
  if (focused >= 0 && same) same.focus({ preventScroll: true });
}

async function look() {
  try {
    const answer = await fetch("/version", { cache: "no-store" });
    document.body.classList.toggle("away", !answer.ok);
    if (answer.ok && String(await answer.json()) !== document.body.dataset.version) await renew();
  } catch {
    document.body.classList.add("away");
  }
  setTimeout(look, 1000);
}

document.addEventListener("submit", (sent) => {
  if (sent.target.method !== "post") return;
  for (const button of document.querySelectorAll(".moves button")) setTimeout(() => { button.disabled = true; });
});
window.addEventListener("pageshow", (shown) => { if (shown.persisted) location.reload(); });
look();
