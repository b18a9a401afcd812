/**
 * Every way in which the parameters of a token request can travel, as operators name it (`body`): as a form (RFC 6749
 * §4), as a JSON object, or in the query of the URL with an empty body.
 */
export const REQUEST_BODIES = ['form', 'json', 'query'] as const;

export type RequestBody = (typeof REQUEST_BODIES)[number];

/** The methods of a token request. `GET` goes with the body `query` alone: it carries none. */
export const REQUEST_METHODS = ['POST', 'GET'] as const;

export type RequestMethod = (typeof REQUEST_METHODS)[number];
