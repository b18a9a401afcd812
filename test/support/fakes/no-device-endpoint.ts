import type { DeviceEndpoint } from '../../../shared/device-endpoint/device-endpoint.ts';

/** A provider that lets no device in. */
export const noDeviceEndpoint: DeviceEndpoint = {
  ask: async () => ({ kind: 'refused', outcome: 'not-sent', reason: 'connect-failed' }),
};
