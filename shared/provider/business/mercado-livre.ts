import { everywhere, type KnownProvider } from '../profile.ts';

/** Mercado Livre: refresh tokens of six months, each good for one refresh. */
export const mercadoLivre: KnownProvider = {
  provider: 'mercado-livre',
  tokenUrl: everywhere('https://api.mercadolibre.com/oauth/token'),
  login: { authorizeUrl: everywhere('https://auth.mercadolivre.com.br/authorization') },
  grants: ['refresh_token'],
  clientAuth: 'post',
  scopeRequired: false,
  accessTokenSeconds: everywhere(21_600),
  refreshTokenSeconds: 180 * 86_400,
  refreshTokenRotation: 'always',
  refreshTokenGraceSeconds: 0,
  fields: ['user_id'],
  knowledge: {
    title: 'Mercado Livre',
    firstToken: 'A seller authorises the app, which has offline_access switched on.',
    endsEarly: [
      'A seller who changes the password, or withdraws the access.',
      'Another secret of the app.',
      'Four months in which the app calls nothing.',
    ],
    unknown: ['quota'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      {
        url: 'https://developers.mercadolivre.com.br/pt_br/autenticacao-e-autorizacao',
        of: 'lives, single use, and what ends a token early',
      },
    ],
  },
};
