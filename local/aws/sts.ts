import { randomUUID } from 'node:crypto';
import { LOCAL_ACCOUNT } from './event-bus.ts';

/** An answer of the query protocol. */
export interface XmlAnswer {
  readonly status: number;
  readonly xml: string;
}

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** A request of the query protocol, by its content type: what STS speaks. */
export function isQueryRequest(contentType: string | undefined): boolean {
  return contentType?.split(';')[0]?.trim().toLowerCase() === 'application/x-www-form-urlencoded';
}

/**
 * STS, as far as tools ask who they are before they begin: GetCallerIdentity. Everybody is the same user here.
 *
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export function answerSts(body: string): XmlAnswer {
  if (new URLSearchParams(body).get('Action') !== 'GetCallerIdentity') {
    return {
      status: 400,
      xml:
        `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>InvalidAction</Code>` +
        '<Message>Action: expected GetCallerIdentity; the local stack has no more of STS.</Message></Error>' +
        `<RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
    };
  }
  return {
    status: 200,
    xml:
      `<GetCallerIdentityResponse xmlns="${NAMESPACE}"><GetCallerIdentityResult>` +
      `<Arn>arn:aws:iam::${LOCAL_ACCOUNT}:user/local</Arn><UserId>AIDALOCALLOCALLOCAL00</UserId>` +
      `<Account>${LOCAL_ACCOUNT}</Account></GetCallerIdentityResult><ResponseMetadata>` +
      `<RequestId>${randomUUID()}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
  };
}
