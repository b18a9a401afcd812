import { findMoto } from '../support/optional-tools.ts';
import { lifeCycleOfBundles } from './life-cycle.ts';
import { deployToMoto } from './moto-deployment.ts';

const { version, skip } = findMoto();

lifeCycleOfBundles(`on moto ${version ?? ''}`.trim(), deployToMoto, {
  skip,
  cannotRestore:
    'moto says of a secret that is scheduled for deletion that it exists, and takes a put that nobody can read',
});
