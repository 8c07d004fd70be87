// A picture of the video as the message that the live coach takes: 16 bytes before a JPEG.

const LONGEST = 640; // pixels: the coach sees no more with more
const QUALITY = 0.8;

export class FrameTaker {
  constructor(video) {
    this.video = video;
    this.canvas = document.createElement("canvas");
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.busy = false;
  }

  // The message, or null while the one before is still being packed.
  async take(seq, seconds) {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (this.busy || !width) return null;
    this.busy = true;
    try {
      const scale = Math.min(1, LONGEST / Math.max(width, height));
      const across = Math.round(width * scale);
      const down = Math.round(height * scale);
      if (this.canvas.width !== across || this.canvas.height !== down) Object.assign(this.canvas, { width: across, height: down });
      this.context.drawImage(this.video, 0, 0, across, down);
      const jpeg = await new Promise((done) => this.canvas.toBlob(done, "image/jpeg", QUALITY));
      if (!jpeg) return null;
      const head = new DataView(new ArrayBuffer(16));
      head.setUint32(0, seq, true);
      head.setFloat64(8, seconds, true);
      return new Blob([head.buffer, jpeg]);
    } finally {
      this.busy = false;
    }
  }
}
