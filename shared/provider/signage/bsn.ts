import { everywhere, type KnownProvider } from '../profile.ts';

/**
 * BrightSign Network, the REST API's own token endpoint ("Authorization Workflow"): a login with user name and
 * password, then "a POST call to the /token/ endpoint with the refresh_token value" once "more than half of the
 * expires_in time has elapsed". A user of several networks names one: `username=exampleNetwork/exampleUser@…`.
 * The server knows no clients. Its pages write the path as `/token`, `/token/` and `/Token/`, and it has moved
 * with every version of the API: the operator gives the URL, and it is used as given.
 *
 * With `grant: refresh_token` the login is made once and the password is not kept: when the refresh token comes
 * to its end, the operator is asked for it again (`renova reseed`), as the document asks the user.
 */
export const bsn: KnownProvider = {
  provider: 'bsn',
  grants: ['password', 'refresh_token'],
  clientAuth: 'none',
  scopeRequired: false,
  // Every answer states expires_in, "changed on the server at any time"; without it, rather too short.
  accessTokenSeconds: everywhere(15 * 60),
  namesNetworks: true,
  knowledge: {
    title: 'BrightSign Network (before BSN.cloud)',
    firstToken: 'A user name and its password; `renova networks` says which networks that user may name.',
    endsEarly: [
      'Another password of the user.',
      'BrightSign has announced that this server is switched off.',
    ],
    notes: [
      'What BrightSign runs today is BSN.cloud (provider bsncloud): its logins and tokens are others.',
      'expires_in may be another at each answer; each answer counts for itself.',
    ],
    unknown: ['authorize-url', 'refresh-token-life', 'rotation', 'grace', 'quota'],
    readOn: '2026-11-28',
    tried: 'sandbox',
    sources: [
      {
        url: 'https://brightsign.atlassian.net/wiki/spaces/DOC/pages/2764603393',
        of: 'the login, the half-life rule, and that the server goes',
      },
    ],
  },
};
