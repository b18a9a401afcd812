import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, Scratch } from '../packages/packed.ts';

/** An outside user's folder, in which real installers install from the registry. */
export class OutsideFolder extends Scratch {
  constructor(manifest: object = {}) {
    super();
    this.write('package.json', JSON.stringify({ name: 'outside', private: true, ...manifest }));
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text);
  }

  /** Runs a program as its user does; rejects with all that it printed. */
  async run(command: string, ...args: readonly string[]): Promise<string> {
    const options = { cwd: this.folder, env: outsideEnvironment(), maxBuffer: 2 ** 26 };
    try {
      return (await run(command, args, options)).stdout;
    } catch (error) {
      const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
      throw new Error(`${command} ${args.join(' ')}:\n${stdout}\n${stderr}`);
    }
  }
}

/** Nothing of the npm script that runs the tests, nor of AWS. */
export function outsideEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_(?!config_registry)|AWS_|RENOVA_)/i.test(name),
  );
  return { ...Object.fromEntries(kept), NODE_NO_WARNINGS: '1', NO_COLOR: '1' };
}
