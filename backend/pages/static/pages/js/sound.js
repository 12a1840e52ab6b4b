// How an alert rings: tones made here (no files), and the phone's shake. The rule is notifications/quiet.py's.

const TONES = { // seconds and Hz; the last number is loudness
  emergency: [[0, 0.32, 880, 0.9], [0.36, 0.32, 660, 0.9], [0.72, 0.32, 880, 0.9], [1.08, 0.32, 660, 0.9], [1.44, 0.32, 880, 0.9], [1.8, 0.5, 660, 0.9]],
  urgent: [[0, 0.22, 740, 0.6], [0.3, 0.35, 740, 0.6]],
  notice: [[0, 0.28, 523, 0.3]],
};
const SHAKES = { emergency: [400, 150, 400, 150, 800], urgent: [250, 150, 250], notice: [150] };

let context = null;

/** Browsers let a page sound only after a finger or a key has touched it. */
export function listenForAFinger() {
  const wake = () => {
    context ??= new AudioContext();
    context.resume().catch(() => {});
  };
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, wake, { passive: true });
}

export const canSound = () => context?.state === "running";

export function ring(severity, { sound = true, vibration = true } = {}) {
  if (sound && canSound()) play(TONES[severity] ?? TONES.notice);
  if (vibration && navigator.userActivation?.hasBeenActive) navigator.vibrate?.(SHAKES[severity] ?? SHAKES.notice);
}

function play(tones) {
  for (const [start, length, hertz, loud] of tones) {
    const tone = new OscillatorNode(context, { type: "triangle", frequency: hertz });
    const gain = new GainNode(context, { gain: 0 });
    const at = context.currentTime + start;
    gain.gain.linearRampToValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(loud, at + 0.02);
    gain.gain.setValueAtTime(loud, at + length - 0.06);
    gain.gain.linearRampToValueAtTime(0, at + length);
    tone.connect(gain).connect(context.destination);
    tone.start(at);
    tone.stop(at + length);
  }
}

const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", hour12: false });

/** Whether this phone may ring now: fire, flood and violence always; the rest as its people wish. */
export function mayRing(preferences, category, breaksQuiet, now = new Date()) {
  if (breaksQuiet) return true;
  if (preferences.digest || preferences.muted?.includes(category)) return false;
  return !isQuiet(preferences, clock.format(now));
}

/** `HH:MM` against hours that may go past midnight; none where an end is missing or both are the same. */
export function isQuiet({ quiet_from: from, quiet_to: to }, time) {
  if (!from || !to) return false;
  const [start, end] = [from.slice(0, 5), to.slice(0, 5)];
  if (start <= end) return start <= time && time < end;
  return time >= start || time < end;
}
