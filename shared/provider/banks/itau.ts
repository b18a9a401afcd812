import { everywhere, type KnownProvider } from '../profile.ts';

/** Itaú: client credentials over mutual TLS, tokens of five minutes. */
export const itau: KnownProvider = {
  provider: 'itau',
  tokenUrl: everywhere('https://sts.itau.com.br/api/oauth/token'),
  grants: ['client_credentials'],
  clientAuth: 'post',
  mutualTls: true,
  scopeRequired: false,
  accessTokenSeconds: everywhere(300),
  clientSecretSeconds: 365 * 86_400,
  knowledge: {
    title: 'Itaú',
    firstToken:
      'The bank sends client id and a temporary token; with them a certificate (certificado dinâmico) is made from a request of your own key.',
    endsEarly: ['The end of the certificate, a year after it was made; it is renewed with the same request.'],
    notes: [
      'Production alone has OAuth and mutual TLS; the bank’s own sandbox has neither.',
      'Sends no scope. A token is asked for with the certificate, and so is each API call.',
    ],
    unknown: ['quota'],
    readOn: '2026-11-28',
    tried: 'documents',
    sources: [
      {
        url: 'https://devportal.itau.com.br/autenticacao-documentacao',
        of: 'lives of token and certificate, mutual TLS',
      },
      {
        url: 'https://devportal.itau.com.br/certificado-dinamico',
        of: 'how the certificate is made and renewed',
      },
      {
        url: 'https://github.com/SALVADORBBA/bancos',
        of: 'the endpoint, as public code uses it',
        secondHand: true,
      },
    ],
  },
};
