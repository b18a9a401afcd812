import { everywhere, type KnownProvider } from '../profile.ts';

/** Mercado Pago: tokens of 180 days, with a new refresh token at each renewal. */
export const mercadoPago: KnownProvider = {
  provider: 'mercado-pago',
  tokenUrl: everywhere('https://api.mercadopago.com/oauth/token'),
  login: { authorizeUrl: everywhere('https://auth.mercadopago.com/authorization') },
  grants: ['refresh_token', 'client_credentials'],
  clientAuth: 'post',
  scopeRequired: false,
  accessTokenSeconds: everywhere(180 * 86_400),
  refreshTokenRotation: 'always',
  fields: ['user_id', 'public_key'],
  knowledge: {
    title: 'Mercado Pago',
    firstToken: 'A seller authorises the app with the scope offline_access.',
    endsEarly: ['A seller who withdraws the access.'],
    unknown: ['refresh-token-life', 'grace', 'quota'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      {
        url: 'https://www.mercadopago.com.br/developers/en/docs/oauth/renewal',
        of: 'life of the token, and the new refresh token at a renewal',
      },
      {
        url: 'https://www.mercadopago.com/developers/en/reference/oauth/_oauth_token/post',
        of: 'the endpoint and the members of its answer',
        secondHand: true,
      },
    ],
  },
};
