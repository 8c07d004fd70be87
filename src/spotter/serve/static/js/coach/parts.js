// The parts of the body as a coloured picture, in the colours of the report.

export const COLOURS = [
  null, [154, 255, 226], [73, 200, 148], [93, 123, 254], [169, 85, 34], [54, 75, 167], [228, 155, 1], [166, 194, 254],
  [255, 236, 14], [150, 118, 181], [178, 1, 10], [124, 42, 141], [254, 135, 105], [175, 116, 220], [196, 44, 101],
];

// From the base64 of a PNG whose grey levels are the numbers of the parts.
export async function partsPicture(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const labels = await createImageBitmap(new Blob([bytes], { type: "image/png" }), { colorSpaceConversion: "none" });
  const canvas = new OffscreenCanvas(labels.width, labels.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(labels, 0, 0);
  const picture = context.getImageData(0, 0, labels.width, labels.height);
  const { data } = picture;
  for (let at = 0; at < data.length; at += 4) {
    const colour = COLOURS[data[at]];
    if (colour) data.set(colour, at);
    else data[at + 3] = 0;
  }
  context.putImageData(picture, 0, 0);
  return canvas;
}
