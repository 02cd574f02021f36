// Read a drawn digit with onnxruntime-web. Nothing leaves the browser.
import * as ort from "./node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs";

const canvas = document.querySelector("canvas");
const pen = canvas.getContext("2d", { willReadFrequently: true });
const output = document.querySelector("output");

ort.env.wasm.numThreads = 1; // more threads need a server that isolates the page
const model = await ort.InferenceSession.create("model.onnx");

// The most probable digit of 28 x 28 pixels, from 0 (background) to 255.
export async function readPixels(pixels) {
  const X = new ort.Tensor("float32", Float32Array.from(pixels), [1, 784]);
  const { label } = await model.run({ X });
  return Number(label.data[0]);
}

// The box around what is drawn, and its center of mass; undefined if that is nothing.
function measure({ data, width, height }) {
  let [mass, x, y] = [0, 0, 0];
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = data[4 * (row * width + column)];
      if (!value) continue;
      mass += value;
      x += value * (column + 0.5);
      y += value * (row + 0.5);
      [left, right] = [Math.min(left, column), Math.max(right, column + 1)];
      [top, bottom] = [Math.min(top, row), Math.max(bottom, row + 1)];
    }
  }
  return mass ? { left, top, right, bottom, x: x / mass, y: y / mass } : undefined;
}

// MNIST's frame: the digit in 20 x 20 pixels, its center of mass in the middle of 28 x 28.
function frame() {
  const digit = measure(pen.getImageData(0, 0, canvas.width, canvas.height));
  if (!digit) return undefined;
  const scale = 20 / Math.max(digit.right - digit.left, digit.bottom - digit.top);
  const small = new OffscreenCanvas(28, 28).getContext("2d");
  small.imageSmoothingQuality = "high";
  small.fillRect(0, 0, 28, 28);
  small.setTransform(scale, 0, 0, scale, 14 - scale * digit.x, 14 - scale * digit.y);
  small.drawImage(canvas, 0, 0);
  return small.getImageData(0, 0, 28, 28).data.filter((_, i) => i % 4 === 0);
}

function clear() {
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.beginPath();
  output.value = "";
}

canvas.onpointerdown = ({ offsetX, offsetY }) => pen.moveTo(offsetX, offsetY);
canvas.onpointermove = ({ buttons, offsetX, offsetY }) => {
  if (!buttons) return;
  pen.lineTo(offsetX, offsetY);
  pen.stroke();
};
canvas.onpointerup = async () => {
  const pixels = frame();
  output.value = pixels ? await readPixels(pixels) : "";
};
document.querySelector("button").onclick = clear;
Object.assign(pen, { lineWidth: 20, lineCap: "round", strokeStyle: "white" });
clear();
