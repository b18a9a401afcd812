/** Options of an SDK client for an emulator: nothing is taken from the machine's own AWS configuration. */
export function testClientOptions(endpoint: string) {
  return {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'fake-access-key-id', secretAccessKey: 'fake-secret-access-key' },
    maxAttempts: 3,
  };
}

/** For a walk over many secrets: it is faster than the 50 lists a second that the stack, as AWS does, allows. */
export function patientClientOptions(endpoint: string) {
  return { ...testClientOptions(endpoint), maxAttempts: 20 };
}
