import { bs2 } from './banks/bs2.ts';
import { inter } from './banks/inter.ts';
import { itau } from './banks/itau.ts';
import { openFinanceBrasil } from './banks/open-finance-brasil.ts';
import { bling } from './business/bling.ts';
import { contaAzul } from './business/conta-azul.ts';
import { mercadoLivre } from './business/mercado-livre.ts';
import { mercadoPago } from './business/mercado-pago.ts';
import { quickbooks } from './business/quickbooks.ts';
import { xero } from './business/xero.ts';
import { oauth2 } from './oauth2.ts';
import { entra } from './platforms/entra.ts';
import { gong } from './platforms/gong.ts';
import { google } from './platforms/google.ts';
import { hubspot } from './platforms/hubspot.ts';
import { salesforce } from './platforms/salesforce.ts';
import { spotify } from './platforms/spotify.ts';
import { zendesk } from './platforms/zendesk.ts';
import { zoho } from './platforms/zoho.ts';
import { zoom } from './platforms/zoom.ts';
import { zoomServer } from './platforms/zoom-server.ts';
import type { KnownProvider } from './profile.ts';
import { bsn } from './signage/bsn.ts';
import { bsncloud } from './signage/bsncloud.ts';

/** Every provider that can be registered, by name. */
export const profiles: ReadonlyMap<string, KnownProvider> = new Map(
  [
    ...[bs2, bsn, bsncloud, oauth2],
    ...[inter, itau, openFinanceBrasil],
    ...[bling, contaAzul, mercadoLivre, mercadoPago, quickbooks, xero],
    ...[entra, gong, google, hubspot, salesforce, spotify, zendesk, zoho, zoom, zoomServer],
  ].map((profile) => [profile.provider, profile]),
);

/** Whom `register` and `login` mean when nobody says it. */
export const USUAL_PROVIDER = bs2.provider;

/** The words by which a provider says that there were too many requests, without a 429. */
export function throttleWordsOf(provider: string | undefined): readonly string[] | undefined {
  return provider === undefined ? undefined : profiles.get(provider)?.throttleWords;
}
