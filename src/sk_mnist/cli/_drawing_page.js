// The pad. Gradio runs this once for its HTML component and hands in the `element`, its
// `props`, whose `value` Python receives, and `trigger`, which sends it: a PNG in a data
// URL, or "" for a blank pad.

const PEN = 0.075; // width, of the pad's: about what MNIST's digits have of their box
const PAUSE = 100; // milliseconds between two drawings sent
const LONGEST_SIDE = 1024; // pixels of a photo that is sent, as in _drawing_page.py
const LARGEST_FILE = 30; // million bytes

const canvas = element.querySelector("canvas");
const hint = element.querySelector(".hint");
const chooser = element.querySelector("input[type=file]");
const pen = canvas.getContext("2d");
const invitation = hint.textContent;

let place = null; // of the pen, while it is down
let timer = null; // while a drawing waits to be sent
let isFresh = true; // the next stroke begins a drawing

function send(image) {
  clearTimeout(timer);
  timer = null;
  props.value = image;
  trigger("input");
}

function wipe(message) {
  pen.fillStyle = "white";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  canvas.classList.remove("photo");
  hint.textContent = message;
  isFresh = true;
}

function clear(message = invitation) {
  wipe(message);
  send("");
}

function placeOf(event) {
  const box = canvas.getBoundingClientRect();
  const scale = canvas.width / box.width;
  return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
}

function drawTo(next) {
  pen.beginPath();
  pen.moveTo(...place);
  pen.lineTo(...next);
  pen.stroke();
  place = next;
  timer ??= setTimeout(() => send(canvas.toDataURL()), PAUSE);
}

canvas.addEventListener("pointerdown", (event) => {
  if (!event.isPrimary || event.button !== 0) return;
  if (isFresh) wipe("");
  isFresh = false;
  canvas.setPointerCapture(event.pointerId); // strokes may leave the pad and return
  place = placeOf(event);
  drawTo([place[0] + 0.1, place[1]]); // a dot; a line of no length leaves no ink
});

canvas.addEventListener("pointermove", (event) => {
  if (!place || !event.isPrimary) return;
  for (const part of event.getCoalescedEvents?.() ?? []) drawTo(placeOf(part));
  drawTo(placeOf(event));
});

for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, (event) => {
    if (event.isPrimary) place = null;
  });
}

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
    clear("The file is no image that this browser can open.");
    return;
  } finally {
    URL.revokeObjectURL(url);
  }
  const { width, height } = image;
  const smaller = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  const photo = document.createElement("canvas");
  photo.width = Math.max(1, width * smaller);
  photo.height = Math.max(1, height * smaller);
  const frame = photo.getContext("2d");
  frame.imageSmoothingQuality = "high";
  frame.drawImage(image, 0, 0, photo.width, photo.height);

  wipe("");
  canvas.classList.add("photo");
  pen.clearRect(0, 0, canvas.width, canvas.height); // no paper beside a photo
  const fit = canvas.width / Math.max(photo.width, photo.height);
  const [w, h] = [photo.width * fit, photo.height * fit];
  pen.drawImage(photo, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
  send(photo.toDataURL());
}

element.querySelector(".clear").addEventListener("click", () => clear());
element.querySelector(".upload").addEventListener("click", () => chooser.click());
chooser.addEventListener("change", () => {
  if (chooser.files.length) showPhoto(chooser.files[0]);
  chooser.value = ""; // else the same file could not be chosen again
});

pen.lineWidth = PEN * canvas.width;
pen.lineCap = pen.lineJoin = "round";
wipe(invitation);
