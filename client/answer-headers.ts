/** How long an answer may be used without asking: `max-age` less the time that it was stored on its way (RFC 9111). */
export function freshSeconds(headers: Headers): number {
  const directives = (headers.get('cache-control') ?? '')
    .toLowerCase()
    .split(',')
    .map((one) => one.trim());
  if (directives.some((one) => /^no-(?:store|cache)\b/.test(one))) return 0;
  const ages = directives.filter((one) => one.startsWith('max-age=')).map((one) => one.slice(8));
  const seconds = ages.map((age) => Number(/^"?(\d{1,9})"?$/.exec(age)?.[1] ?? 0));
  return seconds.length === 0 ? 0 : Math.max(0, Math.min(...seconds) - ageSeconds(headers));
}

/** How old an answer was when it came: 0 unless something on the way stored it. */
export function ageSeconds(headers: Headers): number {
  return wholeSeconds(headers.get('age')) ?? 0;
}

/** `Retry-After`, which is seconds or a date (RFC 9110 §10.2.3); a date is compared with the answer's own. */
export function retryAfterSeconds(headers: Headers, nowMs: number): number | undefined {
  const value = headers.get('retry-after');
  const untilMs = httpDateMs(value);
  if (untilMs === undefined) return wholeSeconds(value);
  return Math.max(0, Math.ceil((untilMs - (dateMs(headers) ?? nowMs)) / 1000));
}

/** When an answer was made, by the clock of whoever made it. */
export function dateMs(headers: Headers): number | undefined {
  return httpDateMs(headers.get('date'));
}

/** An HTTP date in any of its three forms (RFC 9110 §5.6.7). */
function httpDateMs(value: string | null): number | undefined {
  const text = value?.trim() ?? '';
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(text)) return undefined;
  const ms = Date.parse(/GMT$/.test(text) ? text : `${text} GMT`);
  return Number.isNaN(ms) ? undefined : ms;
}

function wholeSeconds(value: string | null): number | undefined {
  const text = value?.trim() ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
