import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A certificate and its private key, in PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority that lives as long as a test: nothing of it is on disk or trusted by anybody. */
export class CertificateAuthority {
  readonly #name: string;
  readonly #key: KeyObject;
  /** PEM. */
  readonly certificate: string;
  #serial = 1;

  constructor(name: string) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#name = name;
    this.#key = privateKey;
    this.certificate = this.#certify(name, privateKey, [BASIC_CONSTRAINTS_CA]);
  }

  /** A certificate for a server at 127.0.0.1 and `localhost`, or for a client of that name. */
  issue(name: string, kind: 'ec' | 'rsa' = 'ec'): IssuedCertificate {
    const { privateKey } =
      kind === 'ec'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { certificate: this.#certify(name, createPrivateKey(key), [LOOPBACK_NAMES]), key };
  }

  #certify(subject: string, key: KeyObject, extensions: readonly Buffer[]): string {
    const content = sequence(
      tagged(0xa0, integer(2)),
      integer(this.#serial++),
      ECDSA_WITH_SHA256,
      distinguishedName(this.#name),
      sequence(time('20200101000000Z'), time('21200101000000Z')),
      distinguishedName(subject),
      createPublicKey(key).export({ type: 'spki', format: 'der' }),
      tagged(0xa3, sequence(...extensions)),
    );
    const signature = tagged(0x03, Buffer.from([0]), sign('sha256', content, this.#key));
    return pem(sequence(content, ECDSA_WITH_SHA256, signature));
  }
}

/** DER (X.690): a tag, a length, a content. */
function tagged(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const head = length < 0x80 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

function sequence(...contents: readonly Buffer[]): Buffer {
  return tagged(0x30, ...contents);
}

function integer(value: number): Buffer {
  return tagged(0x02, Buffer.from([value]));
}

function time(text: string): Buffer {
  return tagged(0x18, Buffer.from(text));
}

function identifier(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

const ECDSA_WITH_SHA256 = sequence(identifier('2a8648ce3d040302'));

function distinguishedName(commonName: string): Buffer {
  const attribute = sequence(identifier('550403'), tagged(0x0c, Buffer.from(commonName)));
  return sequence(tagged(0x31, attribute));
}

function extension(oid: string, value: Buffer): Buffer {
  return sequence(identifier(oid), tagged(0x04, value));
}

const BASIC_CONSTRAINTS_CA = extension('551d13', sequence(tagged(0x01, Buffer.from([0xff]))));
const LOOPBACK_NAMES = extension(
  '551d11',
  sequence(tagged(0x82, Buffer.from('localhost')), tagged(0x87, Buffer.from([127, 0, 0, 1]))),
);

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
