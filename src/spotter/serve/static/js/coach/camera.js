// The camera, and what went wrong with it in words that help.

import { t } from "../language.js";

const WORDS = {
  NotAllowedError: "The browser may not use the camera. Allow it in the address bar (the camera's sign), then try again.",
  NotFoundError: "There is no camera. Plug one in, or open this page on a phone with “spotter serve --lan”.",
  NotReadableError: "The camera is used by another program. Close that program, then try again.",
  AbortError: "The camera did not start. Unplug it and plug it in again, then try again.",
  OverconstrainedError: "That camera is no longer there. Choose another one.",
};

export class CameraError extends Error {}

export async function openCamera(deviceId) {
  if (!navigator.mediaDevices?.getUserMedia)
    throw new CameraError(t("A browser gives its camera to secure pages only: open this page as https:// or on localhost."));
  // The whole picture: without "none" a browser cuts an upright one to a square, and takes the sides off a wide one.
  const wanted = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 }, resizeMode: { ideal: "none" } };
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: deviceId ? { ...wanted, deviceId: { exact: deviceId } } : { ...wanted, facingMode: "user" },
    });
  } catch (error) {
    if (deviceId && error.name === "OverconstrainedError") return openCamera("");
    throw new CameraError(error.name in WORDS ? t(WORDS[error.name]) : t("The camera cannot be used: {why}", { why: error.message }));
  }
}

export async function listCameras() {
  const devices = await (navigator.mediaDevices?.enumerateDevices() ?? []);
  return devices
    .filter((device) => device.kind === "videoinput")
    .map((device, index) => ({ id: device.deviceId, label: device.label || t("Camera {number}", { number: index + 1 }) }));
}

// The id of the camera with this place in the list; empty if there is none. The list is told after the first use only.
export async function cameraAt(place) {
  const cameras = await listCameras();
  return cameras[place]?.id ?? "";
}

export function stopCamera(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

// Calls back with every new picture of a video element; gives back how to end it.
export function everyFrame(video, callback) {
  let running = true;
  if ("requestVideoFrameCallback" in HTMLVideoElement.prototype) {
    const next = () => video.requestVideoFrameCallback(() => {
      if (!running) return;
      callback();
      next();
    });
    next();
  } else {
    let last = -1;
    const look = () => {
      if (!running) return;
      if (video.currentTime !== last && video.readyState >= 2) {
        last = video.currentTime;
        callback();
      }
      requestAnimationFrame(look);
    };
    look();
  }
  return () => {
    running = false;
  };
}
