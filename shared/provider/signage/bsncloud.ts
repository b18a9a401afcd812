import { everywhere, type KnownProvider } from '../profile.ts';

/** BSN.cloud, what BrightSign runs today: client credentials, and a network for each new token. */
export const bsncloud: KnownProvider = {
  provider: 'bsncloud',
  tokenUrl: everywhere('https://auth.bsn.cloud/realms/bsncloud/protocol/openid-connect/token'),
  grants: ['client_credentials'],
  clientAuth: 'basic',
  scopeRequired: false,
  accessTokenSeconds: everywhere(330),
  clientSecretSeconds: 180 * 86_400,
  networkUrl: 'https://api.bsn.cloud/2022/06/REST/Self/Session/Network',
  knowledge: {
    title: 'BSN.cloud (BrightSign)',
    firstToken:
      'In the BSN.cloud admin panel, Settings, Applications, Add Application: client id, client secret and the scopes of the application.',
    endsEarly: [
      'The end of the client secret, 180 days after it was made; a new one works beside the old one for a while.',
      'The end of an access token: 330 s, and there is no refresh token.',
    ],
    notes: [
      'Each new token reaches no network until it has chosen one: Renova does that before anybody can read it, and calls a choice that fails a failed refresh.',
      'Give client.expires_at, so that the end of the client secret is told 30, 14, 7 and 1 days ahead.',
      'API calls answer 403 where the scopes of the application do not reach, 401 for a dead token.',
    ],
    unknown: ['quota'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      { url: 'https://docs.brightsign.biz/developers/2025-api-usage-guide', of: 'endpoint, grant, 180 days' },
      {
        url: 'https://brightsign.atlassian.net/wiki/spaces/DOC/pages/2772271105',
        of: 'the choice of a network, 204, 400 for one that does not exist',
        secondHand: true,
      },
    ],
  },
};
