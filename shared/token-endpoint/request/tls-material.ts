import { createPrivateKey } from 'node:crypto';
import { Secret } from '../../secret/secret.ts';
import type { TlsMaterial } from '../connection/fresh-socket.ts';
import type { TokenRequest } from '../token-endpoint.ts';
import { privateKeyIn, readCertificates, readPrivateKey } from './key-material.ts';
import { IncompleteTokenRequestError, UnusablePartError } from './request-errors.ts';

/**
 * What the TLS handshake of a request is made with: the private authority of the token URL, and the client's own
 * certificate with its key (mutual TLS, RFC 8705), beside any client authentication. Everything is read here, because
 * what OpenSSL cannot read must not reach `tls.connect`. Throws {@link UnusablePartError} or
 * {@link IncompleteTokenRequestError}.
 */
export function tlsMaterial({ ca, client }: Pick<TokenRequest, 'ca' | 'client'>): TlsMaterial {
  return { ...(ca !== undefined && { ca: checkedAuthorities(ca) }), ...clientCertificate(client) };
}

function checkedAuthorities(ca: string): readonly string[] {
  const certificates = readCertificates(ca);
  if (!certificates) throw new UnusablePartError('ca', 'one or more certificates in PEM');
  return certificates.map((certificate) => certificate.toString());
}

function clientCertificate({ certificate, privateKey }: TokenRequest['client']): TlsMaterial {
  if (!certificate) return {};
  const pem = certificate.reveal();
  const chain = readCertificates(pem);
  const [own] = chain ?? [];
  if (!chain || !own) throw new UnusablePartError('certificate', 'a certificate in PEM, its chain behind it');
  const beside = privateKeyIn(pem);
  const keySource = beside === undefined ? privateKey : new Secret(beside);
  if (!keySource) throw new IncompleteTokenRequestError('private-key', 'client.certificate');
  const read = readPrivateKey(keySource);
  if (!read || !own.checkPrivateKey(createPrivateKey(read.key.export({ type: 'pkcs8', format: 'pem' })))) {
    throw new UnusablePartError('private-key', "the certificate's own private key, in PEM or as a JWK");
  }
  return {
    certificate: new Secret(chain.map((each) => each.toString()).join('')),
    key: new Secret(read.key.export({ type: 'pkcs8', format: 'pem' }).toString()),
  };
}
