import { lifeCycleOfBundles } from './life-cycle.ts';
import { deployLocally } from './local-deployment.ts';

lifeCycleOfBundles('on the local stack', deployLocally);
