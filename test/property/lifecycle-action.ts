import { AdminError } from '../../shared/admin/admin-error.ts';
import type { AdminContext } from '../../shared/admin/context.ts';
import { pause, resume } from '../../shared/admin/lifecycle.ts';
import { remove } from '../../shared/admin/remove.ts';
import type { Container } from '../crash/container.ts';
import { CREDENTIAL, type Surroundings } from '../crash/surroundings.ts';

/** The operator's action on the watched credential. Resolves with the code of a refusal, if it is refused. */
export async function lifecycleAction(
  { context, secrets }: Container,
  { names }: Pick<Surroundings, 'names'>,
  action: 'pause' | 'resume' | 'remove',
): Promise<unknown> {
  const { clock, random, timing, ledger, publication } = context;
  // None of these actions asks the refresh function for anything, or an app.
  const refreshService = {} as AdminContext['refreshService'];
  const apps = {} as AdminContext['apps'];
  const parts = { apps, clock, random, timing, ledger, publication, names, refreshService };
  const admin: AdminContext = { env: 'prd', secretStore: secrets, ...parts };
  try {
    if (action === 'remove') return await remove(admin, CREDENTIAL);
    return await (action === 'pause' ? pause : resume)(admin, { action, credential: CREDENTIAL });
  } catch (error) {
    if (error instanceof AdminError) return error.code;
    throw error;
  }
}
