/** A module that was deployed by mistake: it exports no handler. */
export const notTheHandler = true;
