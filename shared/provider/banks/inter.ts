import { everywhere, type KnownProvider } from '../profile.ts';

/** Banco Inter: client credentials over mutual TLS, five token requests a minute. */
export const inter: KnownProvider = {
  provider: 'inter',
  tokenUrl: {
    hml: 'https://cdpj-sandbox.partners.uatinter.co/oauth/v2/token',
    prd: 'https://cdpj.partners.bancointer.com.br/oauth/v2/token',
  },
  grants: ['client_credentials'],
  clientAuth: 'post',
  mutualTls: true,
  scopeRequired: true,
  accessTokenSeconds: everywhere(3600),
  quota: { limit: 5, windowSeconds: 60 },
  knowledge: {
    title: 'Banco Inter',
    firstToken:
      'An application in Internet Banking PJ gives client id, client secret, a certificate and its private key.',
    endsEarly: ['The end of the certificate.', 'An application that is switched off in Internet Banking.'],
    notes: ['API calls show the certificate too, not the token endpoint alone.'],
    unknown: [],
    readOn: '2026-11-28',
    tried: 'documents',
    sources: [
      {
        url: 'https://developers.inter.co',
        of: 'endpoint, life and quota, as public code quotes them',
        secondHand: true,
      },
    ],
  },
};
