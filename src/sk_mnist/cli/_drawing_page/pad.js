// The pad: draws strokes, shows photos, sends either to be read, and shows the answer.
// What it sends is a PNG; the answer is the JSON that _page.py describes.

const PEN = 0.075; // width, relative to the pad's: about that of MNIST's strokes
const STEP = 0.03; // of the pen, moved by an arrow key, relative to the pad
const PAUSE = 100; // milliseconds between two drawings sent
const LONGEST_SIDE = 1024; // pixels of a photo that is sent, as in _page.py
const LARGEST_FILE = 30; // million bytes

const find = (selector) => document.querySelector(selector);
const canvas = find("canvas");
const context = canvas.getContext("2d");
const hint = find(".hint");
const chooser = find("input[type=file]");
const undoButton = find(".undo");
const penMark = find(".pen");
const result = find("#result");
const answer = find("output");
const remark = find(".answer p");
const framed = find("#result img");
const probabilities = find("#result ol");
const rows = [...document.querySelectorAll("#result li")];
const blankImage = framed.src;
const invitation = hint.innerHTML;

// What the pad shows. Undo goes back to the state before; the states from one blank pad
// to the next, or to a photo, share their `drawing`.
const blank = { strokes: [], photo: null, drawing: null };
let state = blank;
const past = [];

let stroke = null; // the points of the stroke being drawn
let timer = null; // while a drawing waits to be sent
let isReading = false; // while the server reads a drawing
let isStale = false; // what is being read is no longer what the pad shows
const pen = { x: 0.5, y: 0.5 }; // of the keyboard

// The answer

function showNothing(message) {
  answer.textContent = "";
  remark.textContent = message;
  framed.src = blankImage;
  probabilities.style.visibility = "";
  for (const row of rows) showProbability(row, false, 0, "0%");
}

function showProbability(row, isBest, share, percent) {
  row.classList.toggle("best", isBest);
  row.querySelector("u").style.width = `${100 * share}%`;
  row.querySelector("span").textContent = percent;
}

function showReading(reading) {
  if (reading.error) {
    showNothing(reading.error);
    return;
  }
  showNothing(reading.remark);
  answer.textContent = reading.text;
  answer.classList.toggle("word", reading.text.length > 2);
  framed.src = reading.framed;
  // A number has no rows: each of its digits has probabilities of its own.
  probabilities.style.visibility = reading.shares ? "" : "hidden";
  reading.shares?.forEach((share, k) => {
    showProbability(rows[k], k === reading.best, share, reading.percents[k]);
  });
}

async function read() {
  timer = null;
  if (isReading) {
    isStale = true; // the newest drawing is read next; those in between are not
    return;
  }
  isReading = true;
  do {
    isStale = false;
    const asked = state;
    const image = await new Promise((done) => (asked.photo ?? canvas).toBlob(done));
    try {
      const response = await fetch("read", { method: "POST", body: image });
      if (!response.ok) throw new Error(await response.text());
      const reading = await response.json();
      // A drawing that went on keeps the answer until the next; a cleared one does not.
      if (asked.drawing === state.drawing) showReading(reading);
    } catch (error) {
      showNothing(`Nothing answers. Is sk-mnist draw still running? (${error.message})`);
    }
  } while (isStale && state !== blank);
  isReading = false;
  result.ariaBusy = timer !== null;
}

function sendSoon() {
  timer ??= setTimeout(read, PAUSE);
  result.ariaBusy = true; // screen readers wait for the answer to what the pad shows
}

// The pad

function paint() {
  context.clearRect(0, 0, canvas.width, canvas.height); // no paper beside a photo
  canvas.classList.toggle("photo", state.photo !== null);
  if (state.photo) {
    const { width, height } = state.photo;
    const fit = canvas.width / Math.max(width, height);
    const [w, h] = [width * fit, height * fit];
    context.drawImage(state.photo, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
    return;
  }
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  for (const points of state.strokes) {
    // Line by line, as it was drawn: undo gives the same pixels.
    points.forEach((point, k) => paintLine(points[Math.max(0, k - 1)], point));
  }
}

function paintLine(from, to) {
  context.lineWidth = PEN * canvas.width;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  context.moveTo(from.x * canvas.width, from.y * canvas.height);
  // A line of no length would leave no dot.
  context.lineTo(to.x * canvas.width + 0.1, to.y * canvas.height);
  context.stroke();
}

function show(next, message) {
  state = next;
  undoButton.disabled = past.length === 0;
  hint.innerHTML = "";
  if (next === blank) hint.innerHTML = invitation;
  if (message) hint.textContent = message;
  paint();
  if (next === blank) {
    clearTimeout(timer);
    timer = null;
    result.ariaBusy = isReading;
    showNothing("");
  } else sendSoon();
}

function change(next, message) {
  past.push(state);
  show(next, message);
}

function undo() {
  if (stroke || !past.length) return;
  show(past.pop());
}

function clear(message) {
  stroke = null;
  if (state === blank) show(blank, message);
  else change(blank, message);
}

function startStroke(point) {
  stroke = [point];
  const drawing = state.strokes.length ? state.drawing : Symbol();
  change({ strokes: [...state.strokes, stroke], photo: null, drawing });
}

function extendStroke(point) {
  paintLine(stroke.at(-1), point);
  stroke.push(point);
  sendSoon();
}

// Mouse, finger and pen

function pointOf(event) {
  const box = canvas.getBoundingClientRect();
  return {
    x: (event.clientX - box.left) / box.width,
    y: (event.clientY - box.top) / box.height,
  };
}

canvas.addEventListener("pointerdown", (event) => {
  if (!event.isPrimary || event.button !== 0) return;
  canvas.setPointerCapture(event.pointerId); // strokes may leave the pad and return
  penMark.hidden = true;
  startStroke(pointOf(event));
});

canvas.addEventListener("pointermove", (event) => {
  if (!stroke || !event.isPrimary) return;
  for (const part of event.getCoalescedEvents?.() ?? []) extendStroke(pointOf(part));
  extendStroke(pointOf(event));
});

for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, (event) => {
    if (event.isPrimary) stroke = null;
  });
}

// Keyboard

const ARROWS = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

function showPen() {
  penMark.hidden = false;
  penMark.classList.toggle("down", stroke !== null);
  penMark.style.left = `${100 * pen.x}%`;
  penMark.style.top = `${100 * pen.y}%`;
}

canvas.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in ARROWS) {
    const [x, y] = ARROWS[event.key];
    pen.x = Math.min(1, Math.max(0, pen.x + x));
    pen.y = Math.min(1, Math.max(0, pen.y + y));
    if (stroke) extendStroke({ ...pen });
  } else if (event.key === " " && !event.repeat) {
    if (stroke) stroke = null;
    else startStroke({ ...pen });
  } else if (event.key !== " ") return;
  event.preventDefault(); // the page would scroll
  showPen();
});

canvas.addEventListener("blur", () => {
  stroke = null;
  penMark.hidden = true;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") clear();
  else if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    undo();
  }
});

// Photos: chosen, dropped or pasted

async function showPhoto(file) {
  if (file.size > LARGEST_FILE * 1e6) {
    clear(`The file is too large: more than ${LARGEST_FILE} MB.`);
    return;
  }
  const image = new Image();
  const url = URL.createObjectURL(file);
  image.src = url;
  try {
    await image.decode();
  } catch {
    clear("This browser cannot open the file. Save it as PNG or JPEG, or smaller.");
    return;
  } finally {
    URL.revokeObjectURL(url);
  }
  const smaller = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  const photo = document.createElement("canvas");
  photo.width = Math.max(1, image.width * smaller);
  photo.height = Math.max(1, image.height * smaller);
  const frame = photo.getContext("2d");
  frame.imageSmoothingQuality = "high";
  frame.drawImage(image, 0, 0, photo.width, photo.height);
  stroke = null;
  change({ strokes: [], photo, drawing: Symbol() });
}

function showFirst(files) {
  if (files?.length) showPhoto(files[0]);
}

chooser.addEventListener("change", () => {
  showFirst(chooser.files);
  chooser.value = ""; // else the same file could not be chosen again
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault(); // the browser would leave the page and open the file
  showFirst(event.dataTransfer.files);
});
document.addEventListener("paste", (event) => showFirst(event.clipboardData.files));

undoButton.addEventListener("click", undo);
find(".clear").addEventListener("click", () => clear());
find(".upload").addEventListener("click", () => chooser.click());

paint();
