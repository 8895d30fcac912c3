const form = document.querySelector("form");
const list = document.querySelector(".games");
const status = document.querySelector("[role=status]");
const copy = document.querySelector("#copy");
const words = form.dataset;
const colours = ["yellow", "blue", "red", "grey", "green"];

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function row(numbers, index) {
  const name = "ABCDE"[index];
  const game = element("li", "game", "");
  const label = element("span", "name", name);
  label.setAttribute("aria-hidden", "true");
  const balls = element("ol", "balls", "");
  balls.setAttribute("aria-label", `${words.game} ${name}`);
  for (const number of numbers) {
    balls.append(element("li", `ball ${colours[Math.ceil(number / 10) - 1]}`, number));
  }
  game.append(label, balls);
  return game;
}

function lines() {
  return [...list.querySelectorAll(".balls")].map((balls) =>
    [...balls.children].map((ball) => ball.textContent).join(", "));
}

function say(text, unseen) {
  status.replaceChildren(element("span", unseen ? "unseen" : "", text));
}

async function draw(event) {
  event.preventDefault();
  try {
    const response = await fetch(`/api/lotto/lucky?games=${form.elements.games.value}`);
    if (!response.ok) throw new Error(response.status);
    list.replaceChildren(...(await response.json()).map(row));
    list.classList.add("drawn");
    say(lines().map((line, index) => `${words.game} ${"ABCDE"[index]}: ${line}`).join(". "), true);
  } catch {
    say(words.failed);
  }
}

// Only HTTPS and localhost have navigator.clipboard; over plain HTTP the old way still works.
async function toClipboard(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = element("textarea", "unseen", text);
  form.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  copy.focus();
  if (!copied) throw new Error("copy");
}

async function copyNumbers() {
  try {
    await toClipboard(lines().join("\n"));
    say(words.copied);
  } catch {
    say(words.uncopied);
  }
}

form.addEventListener("submit", draw);
form.elements.games.addEventListener("change", draw);
copy.addEventListener("click", copyNumbers);
copy.hidden = false;
