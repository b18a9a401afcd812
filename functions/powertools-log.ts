import type { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from '../shared/log/log.ts';

/** The domain's log, written by Powertools as JSON. */
export function powertoolsLog(logger: Logger): Log {
  return {
    debug: (message, fields = {}) => logger.debug(message, { ...fields }),
    info: (message, fields = {}) => logger.info(message, { ...fields }),
    warn: (message, fields = {}) => logger.warn(message, { ...fields }),
    error: (message, fields = {}) => logger.error(message, { ...fields }),
  };
}
