/** Of the document itself in the local stack, behind `#` elsewhere; kept so that a reload still knows it. */
function takeToken() {
  const written = document.documentElement.dataset.token;
  const given = location.hash.slice(1);
  if (written) return written;
  if (/^[\w-]{20,}$/.test(given)) {
    sessionStorage.setItem('renova-console', given);
    history.replaceState(null, '', location.pathname);
    return given;
  }
  return sessionStorage.getItem('renova-console') ?? '';
}

const token = takeToken();

/** Why there is no answer, in words for a person. */
export class NoAnswer extends Error {}

/** Asks the console's own server. Throws NoAnswer. */
export async function ask(path, body) {
  const request = {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'x-renova-console': token, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
  const response = await fetch(path, request).catch(() => {
    throw new NoAnswer('The console has no connection any more. Is its program still running?');
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw new NoAnswer(answer.error?.message ?? 'There was no answer that could be read.');
}
