import { everySetting } from './every-setting.ts';
import { lifeCycleOfBundles } from './life-cycle.ts';
import { deployLocally } from './local-deployment.ts';
import { REGION } from './resolve.ts';

lifeCycleOfBundles('on the local stack, with every setting of a platform team', deployLocally, {
  settings: everySetting('aws', REGION),
});
