/** dynalite ships no types. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  export interface DynaliteOptions {
    /** How long a table stays in CREATING, DELETING or UPDATING (ms). */
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
    /** Folder of the LevelDB store; in memory when left out. */
    path?: string;
  }

  export default function dynalite(options?: DynaliteOptions): Server;
}
