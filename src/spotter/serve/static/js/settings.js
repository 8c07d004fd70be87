// What this browser remembers for its user; nothing of it leaves the browser.

const KEY = "spotter";

const USUAL = {
  exercise: "auto", person: "", reps: null, hold: null, sets: null, rest: 90, weight: null, height: null, countdown: 3,
  camera: "", mirrored: true, leftHanded: false, parts: false, voice: true, voiceName: "", language: "", volume: 0.8, countAloud: true,
  details: false,
};

let kept = null;

export function settings() {
  if (!kept) {
    try {
      kept = { ...USUAL, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
    } catch {
      kept = { ...USUAL };
    }
  }
  return kept;
}

export function remember(changes) {
  Object.assign(settings(), changes);
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // A private window keeps nothing: the settings hold until it is closed.
  }
}
