// The coach's voice and its tones, by the browser alone.

import { language } from "../language.js";
import { settings } from "../settings.js";

let audio = null;

// Browsers let a page sound only after a touch or a key: call it from one.
export function wakeSound() {
  audio ??= "AudioContext" in window ? new AudioContext() : null;
  audio?.resume?.();
}

// Voices of the page's language that speak without a network; the browser's others would send the words away.
export function voices() {
  const speaks = (voice) => voice.localService && voice.lang.toLowerCase().split(/[-_]/)[0] === language();
  return (window.speechSynthesis?.getVoices() ?? []).filter(speaks);
}

export function say(text, { urgent = false } = {}) {
  const { voice, voiceName, volume } = settings();
  if (!voice || !volume || !window.speechSynthesis) return;
  const known = voices();
  const chosen = known.find((one) => one.name === voiceName) ?? known[0];
  if (!chosen) return; // another language's voice would not be understood
  if (urgent) speechSynthesis.cancel();
  else if (speechSynthesis.pending) return;
  const words = new SpeechSynthesisUtterance(text);
  Object.assign(words, { voice: chosen, lang: chosen.lang });
  words.volume = volume;
  words.rate = 1.05;
  speechSynthesis.speak(words);
}

export function hush() {
  window.speechSynthesis?.cancel();
}

function tone(hertz, from, length, loudness) {
  const start = audio.currentTime + from;
  const source = audio.createOscillator();
  const level = audio.createGain();
  source.frequency.value = hertz;
  level.gain.setValueAtTime(0, start);
  level.gain.linearRampToValueAtTime(loudness, start + 0.015);
  level.gain.exponentialRampToValueAtTime(0.0001, start + length);
  source.connect(level).connect(audio.destination);
  source.start(start);
  source.stop(start + length);
}

const TUNES = {
  good: [[660, 0, 0.16], [990, 0.09, 0.28]],
  counted: [[520, 0, 0.16]],
  tick: [[440, 0, 0.12]],
  go: [[880, 0, 0.45]],
  set: [[660, 0, 0.2], [880, 0.14, 0.2], [1320, 0.28, 0.5]],
};

export function play(name) {
  const { voice, volume } = settings();
  if (!voice || !volume || audio?.state !== "running") return;
  for (const [hertz, from, length] of TUNES[name]) tone(hertz, from, length, 0.22 * volume);
}
