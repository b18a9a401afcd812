import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { LOCAL_ACCOUNT } from '../aws/event-bus.ts';

/** A request as it came in. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The route it took: its key (`GET /tokens/{credential}`) and the decoded parts of its path. */
export interface TakenRoute {
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * The event of an API Gateway HTTP API, payload format 2.0.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function apiGatewayEvent(request: HttpRequest, route: TakenRoute, nowMs: number): object {
  const { method, url, body } = request;
  const { cookie, ...headers } = request.headers;
  const query = joinedQuery(url.searchParams);
  return {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
    headers: joinedHeaders(headers),
    ...(query === undefined ? {} : { queryStringParameters: query }),
    pathParameters: route.pathParameters,
    requestContext: {
      accountId: LOCAL_ACCOUNT,
      apiId: 'local',
      domainName: url.hostname,
      domainPrefix: 'local',
      http: {
        method,
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: route.routeKey,
      stage: '$default',
      time: new Date(nowMs).toISOString(),
      timeEpoch: nowMs,
    },
    ...encodedBody(body, headers['content-type']),
  };
}

/** Repeated names become one, their values joined by commas. */
function joinedQuery(params: URLSearchParams): Record<string, string> | undefined {
  if (params.size === 0) return undefined;
  const names = new Set(params.keys());
  return Object.fromEntries([...names].map((name) => [name, params.getAll(name).join(',')]));
}

function joinedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(',') : (value ?? ''),
  ]);
  return Object.fromEntries(entries);
}

/** API Gateway passes text on as it is and everything else in Base64. */
function encodedBody(body: Buffer, contentType = 'application/json') {
  if (body.length === 0) return { isBase64Encoded: false };
  const isText = /^(text\/|application\/(json|xml|javascript|[\w.+-]+\+json))/.test(contentType);
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}
