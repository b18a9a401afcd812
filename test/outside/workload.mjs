// An outside user's workload: reads tokens by what is installed beside it, as it is told line by line on its input.
import { createInterface } from 'node:readline';
import { createTokenSource, signedFetch } from 'renova-client';

const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, READ_API_URL, DAY_MS, CREDENTIAL: credential } = process.env;
const credentials = () => ({ accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY });
const fetch = signedFetch({ region: 'sa-east-1', credentials });
const sources = {
  'read-api': createTokenSource({ credential, via: 'read-api', url: READ_API_URL, fetch }),
  'secrets-manager': createTokenSource({
    credential,
    via: 'secrets-manager',
    env: 'prd',
    dayMs: Number(DAY_MS),
  }),
};

// "read-api" gets a token, "read-api http://…" opens a resource with it.
for await (const line of createInterface(process.stdin)) {
  const [via, url] = line.split(' ');
  try {
    const response = url ? await sources[via].fetch(url) : undefined;
    const { generation } = await sources[via].getToken();
    console.log(JSON.stringify({ status: response?.status, generation }));
  } catch ({ name, code, message }) {
    console.log(JSON.stringify({ name, code, message }));
  }
}
