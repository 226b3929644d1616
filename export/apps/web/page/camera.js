// The camera: a call for each picture, until it is stopped.
import { Mistake } from "./mistake.js";

const REASONS = {
  NotAllowedError:
    "The camera was refused. Allow it for this page in the browser's " +
    "settings, or choose a photo.",
  NotFoundError: "No camera was found. Choose a photo.",
  NotReadableError: "The camera is used by another program.",
};

export class Camera {
  #video = document.createElement("video");
  #stream = null;
  #seen;

  /** seen(video, width, height) is called for each picture. */
  constructor(seen) {
    this.#seen = seen;
    // Phones play no video of their own accord unless it is so.
    Object.assign(this.#video, { muted: true, playsInline: true });
  }

  get on() {
    return this.#stream !== null;
  }

  async start() {
    if (!navigator.mediaDevices) {
      throw new Mistake("The camera needs an https:// or localhost address.");
    }
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "user", width: { ideal: 640 } },
      });
      // Of two quick clicks, only one may hold the camera.
      this.stop();
      this.#stream = this.#video.srcObject = stream;
      await this.#video.play();
    } catch (error) {
      this.stop();
      throw new Mistake(REASONS[error.name] ?? `The camera: ${error.message}`);
    }
    this.#next(this.#stream);
  }

  stop() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
  }

  #next(stream) {
    requestAnimationFrame(async () => {
      if (stream !== this.#stream) {
        return;
      }
      const { videoWidth, videoHeight } = this.#video;
      if (videoWidth) {
        await this.#seen(this.#video, videoWidth, videoHeight);
      }
      this.#next(stream);
    });
  }
}
