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
<ul>${scope
      .split(' ')
      .map((name) => `<li><code>${escaped(name)}</code></li>`)
      .join('')}</ul>
<form method="post" action="${escaped(path)}">
${fields.join('\n')}
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Refuse</button>
</form>`,
  );
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
