import { takesLong } from '../runner/amount.ts';
import { findMoto } from '../support/optional-tools.ts';
import { lifeCycleOfBundles } from './life-cycle.ts';
import { deployToMoto } from './moto-deployment.ts';

const { version, skip } = findMoto();

lifeCycleOfBundles(`on moto ${version ?? ''}`.trim(), deployToMoto, {
  // The same on the local stack is in `npm test`, and so are the adapters and the templates on moto.
  skip: skip || takesLong,
  cannotRestore:
    'moto says of a secret that is scheduled for deletion that it exists, and takes a put that nobody can read',
});
