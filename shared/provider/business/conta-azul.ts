import { everywhere, type KnownProvider } from '../profile.ts';

/** Conta Azul: a chain of up to five years, replaced at each refresh. */
export const contaAzul: KnownProvider = {
  provider: 'conta-azul',
  tokenUrl: everywhere('https://auth.contaazul.com/oauth2/token'),
  login: { authorizeUrl: everywhere('https://auth.contaazul.com/login') },
  grants: ['refresh_token'],
  clientAuth: 'basic',
  scopeRequired: false,
  accessTokenSeconds: everywhere(3600),
  refreshTokenSeconds: 5 * 365 * 86_400,
  refreshTokenRotation: 'always',
  knowledge: {
    title: 'Conta Azul',
    firstToken:
      'A user of the company authorises the app; the code lives three minutes. One token a company.',
    endsEarly: ['A refresh that somebody else makes: only the last refresh token works.'],
    notes: ['API calls: 500 a minute and 20 a second.'],
    unknown: ['grace', 'quota'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      { url: 'https://developers.contaazul.com/changecode', of: 'the code and its life' },
      { url: 'https://developers.contaazul.com/renewingaccesstoken', of: 'lives and rotation' },
    ],
  },
};
