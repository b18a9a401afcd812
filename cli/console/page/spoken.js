const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** Refresh tokens live for 48 hours, and that is how people count: days begin later. */
const DAYS_FROM_SECONDS = 4 * 86_400;

/** A duration in its two largest units: `3 min 12 s`, `47 h 10 min`. Negative ones count as none. */
export function spokenDuration(ms, parts = 2) {
  let seconds = Math.floor(Math.max(0, ms) / 1000);
  if (seconds === 0) return 'less than 1 s';
  const units = seconds < DAYS_FROM_SECONDS ? UNITS.slice(1) : UNITS;
  const first = units.findIndex(([, length]) => length <= seconds);
  const said = [];
  for (const [name, length] of units.slice(first, first + parts)) {
    const count = Math.floor(seconds / length);
    seconds -= count * length;
    if (count > 0) said.push(`${count} ${name}`);
  }
  return said.join(' ');
}

/** How much of a life is left, from 1 to 0. */
export function shareLeft({ from, until }, nowMs) {
  const [fromMs, untilMs] = [Date.parse(from), Date.parse(until)];
  if (!(untilMs > fromMs)) return 0;
  return Math.min(1, Math.max(0, (untilMs - nowMs) / (untilMs - fromMs)));
}

/** `in 3 min 12 s`, `12 s ago`. */
export function spokenMoment(time, nowMs) {
  const ms = Date.parse(time) - nowMs;
  if (Math.abs(ms) < 1000) return 'now';
  return ms > 0 ? `in ${spokenDuration(ms)}` : `${spokenDuration(-ms)} ago`;
}

/** `3 credentials`, `1 credential`. */
export function counted(count, what) {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** How things are, in a headline and a line below it. */
export function verdictOf(credentials) {
  const ill = credentials.filter(({ tone }) => tone === 'bad' || tone === 'warn');
  const bad = ill.filter(({ tone }) => tone === 'bad').length;
  const needing = ill.filter(({ remedy }) => remedy && !remedy.waits).length;
  if (credentials.length === 0)
    return { tone: 'idle', head: 'Ready', more: 'No credential is registered yet.' };
  if (ill.length === 0) {
    const paused = credentials.filter(({ tone }) => tone === 'idle').length;
    const others = credentials.length - paused;
    return {
      tone: 'good',
      head: 'All is well',
      more: `${counted(others, 'credential')} kept alive${paused ? `, ${paused} paused` : ''}.`,
    };
  }
  const names = new Intl.ListFormat('en').format([
    ...ill.slice(0, 3).map(({ id }) => id),
    ...(ill.length > 3 ? [`${ill.length - 3} more`] : []),
  ]);
  return {
    tone: bad > 0 ? 'bad' : 'warn',
    head: headlineOf(bad, needing),
    more: `${names}: ${ill.length} of ${counted(credentials.length, 'credential')} ${ill.length === 1 ? 'is' : 'are'} not well.`,
  };
}

/** A person reads first whether there is anything to do. */
function headlineOf(bad, needing) {
  if (needing > 0) return `${counted(needing, 'credential')} need${needing === 1 ? 's' : ''} you`;
  if (bad > 0) return `${counted(bad, 'credential')} without a token, and Renova tries again`;
  return 'Renova is working on it';
}
