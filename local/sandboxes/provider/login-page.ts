import type { Answer } from './http-answer.ts';

export interface LoginPageParts {
  readonly provider: string;
  /** Where the decision is posted. */
  readonly path: string;
  readonly scope: string;
  /** The parameters of the authorization request, posted back as they came. */
  readonly hidden: readonly (readonly [name: string, value: string])[];
}

/** The page on which a person allows a client to act for them, or does not. */
export function loginPage({ provider, path, scope, hidden }: LoginPageParts): string {
  const fields = hidden
    .filter(([name]) => name !== 'decision')
    .map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`);
  return page(
    `Log in at ${provider} (sandbox)`,
    `<p>An application asks for access to your account:</p>
${scopeList(scope)}
<form method="post" action="${escaped(path)}">
${fields.join('\n')}
${DECISION}
</form>`,
  );
}

export interface DevicePageParts {
  readonly provider: string;
  /** Where the decision is posted. */
  readonly path: string;
  /** What the person typed, or what came with the address. */
  readonly userCode: string;
  /** What the device asks for; absent: no device waits for the code, or there is none yet. */
  readonly scope?: string;
}

/** The page on which a person types the code of a device, and lets it in or not (RFC 8628 §3.3). */
export function devicePage({ provider, path, userCode, scope }: DevicePageParts): string {
  const code = `value="${escaped(userCode)}"`;
  if (scope === undefined) {
    const wrong = userCode === '' ? '' : '<p>No device waits for this code.</p>';
    return page(
      `Let a device in at ${provider} (sandbox)`,
      `${wrong}<form method="get" action="${escaped(path)}">
<label>Code on the device <input name="user_code" autocomplete="off" required ${code}></label>
<button>Continue</button>
</form>`,
    );
  }
  return page(
    `Let a device in at ${provider} (sandbox)`,
    `<p>The device with the code <strong>${escaped(userCode)}</strong> asks for access to your account:</p>
${scopeList(scope)}
<form method="post" action="${escaped(path)}">
<input type="hidden" name="user_code" ${code}>
${DECISION}
</form>`,
  );
}

/** What came of a person's decision. */
export function resultPage(message: string): string {
  return page(message, '<p>You can close this page.</p>');
}

const DECISION = `<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Refuse</button>`;

function scopeList(scope: string): string {
  const names = scope.split(' ').map((name) => `<li><code>${escaped(name)}</code></li>`);
  return `<ul>${names.join('')}</ul>`;
}

/** A page as an answer. */
export function html(status: number, body: string): Answer {
  return {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    },
    body,
  };
}

/** What a person sees whose application asked for something that cannot be. */
export function refusalPage(message: string): string {
  return page('This request cannot be answered', `<p>${escaped(message)}</p>`);
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>body{font:1rem/1.5 system-ui;max-width:32rem;margin:10vh auto;padding:0 1rem}button{font:inherit;padding:.5rem 1rem}</style>
</head>
<body><main><h1>${escaped(title)}</h1>
${content}
</main></body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
